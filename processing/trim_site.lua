#!lua flags=allow-oom
--[[
Takes readings away from the front of a site's list, and their blocks with them, and raises `base` by as many. It
does so only where the list is still as the caller has seen it, so that it may be asked twice, and by two replicas.
Never past `rolled`: what is not summed up yet stays, whatever the caller thinks. allow-oom, because it makes room.

KEYS  1 list  2 blocks  3 meta
ARGV  1 `base` as it was seen  2 how many, whole blocks of them  3 how many blocks  4 the last of those readings
      5 their largest time (ms)
Reply how many were taken away: all of them, or 0
]]
local list, blocks, meta = KEYS[1], KEYS[2], KEYS[3]
local base, count = tonumber(ARGV[1]), tonumber(ARGV[2])
if tonumber(redis.call('HGET', meta, 'base') or 0) ~= base then return 0 end
if tonumber(redis.call('HGET', meta, 'rolled') or 0) < base + count then return 0 end
if redis.call('LINDEX', list, count - 1) ~= ARGV[4] then return 0 end
local highest = tonumber(redis.call('HGET', meta, 'trimmed_max_ts') or '-inf')

redis.call('LTRIM', list, count, -1)
redis.call('LTRIM', blocks, ARGV[3], -1)
redis.call('HSET', meta, 'base', string.format('%.0f', base + count))
if tonumber(ARGV[5]) > highest then redis.call('HSET', meta, 'trimmed_max_ts', ARGV[5]) end
return count
