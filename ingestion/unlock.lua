#!lua
--[[
Gives a lock back, if it is still the one that was taken.

KEYS  1 lock
ARGV  1 the token it was taken with
Reply 1 when it was given back, 0 when it is another's or nobody's
]]
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
