#!lua flags=allow-oom
--[[
One command that writes little. allow-oom, because what makes room in a Redis that is full has things to note.

KEYS  1 the key
ARGV  1 the command  2… its arguments behind the key
Reply the command's
]]
return redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2))
