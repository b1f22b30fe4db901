#!lua flags=allow-oom
--[[
Takes a lock, or keeps it, or gives it up.

KEYS  1 the lock
ARGV  1 who wants it  2 for how long (ms); 0 to give it up
Reply 1 when the lock is the caller's now, else 0
]]
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
