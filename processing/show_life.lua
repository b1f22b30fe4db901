#!lua flags=allow-oom
--[[
Shows that a consumer lives; allow-oom, since one that may not say so in a full Redis would be taken for dead.

KEYS  1 its heartbeat key
ARGV  1 how long that lives (ms)
Reply OK
]]
return redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
