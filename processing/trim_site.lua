#!lua flags=allow-oom
--[[
Takes readings away from the front of a site's list, and their blocks with them, and raises `base` by as many. It
does so only where the list is still as the caller has seen it, so that it may be asked twice, and by two replicas.
Never past `rolled`: what is not summed up yet stays, whatever the caller thinks. So nothing goes while the sums are
removed to be made anew, or when the list is another one than the sums are of. allow-oom, because it makes room.

KEYS  1 list  2 blocks  3 meta
ARGV  1 `base` as it was seen  2 how many, whole blocks of them  3 how many blocks  4 the last of those readings
      5 their largest time (ms)
Reply how many were taken away: all of them, or 0
]]
local list, blocks, meta = KEYS[1], KEYS[2], KEYS[3]
local base, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local f = redis.call('HMGET', meta, 'base', 'rolled', 'clearing', 'head', 'head_at', 'mark', 'trimmed_max_ts')
local rolled, highest = tonumber(f[2] or 0), tonumber(f[7] or '-inf')
if tonumber(f[1] or 0) ~= base or rolled < base + count or f[3] then return 0 end
if redis.call('LINDEX', list, count - 1) ~= ARGV[4] then return 0 end
if tonumber(f[5]) == base and redis.call('LINDEX', list, 0) ~= f[4] then return 0 end
if f[6] and redis.call('LINDEX', list, rolled - base - 1) ~= f[6] then return 0 end

redis.call('LTRIM', list, count, -1)
redis.call('LTRIM', blocks, ARGV[3], -1)
redis.call('HSET', meta, 'base', string.format('%.0f', base + count))
if tonumber(ARGV[5]) > highest then redis.call('HSET', meta, 'trimmed_max_ts', ARGV[5]) end
return count
