#!lua flags=allow-oom
--[[
Takes the oldest days of a site's sums away, and their names with them. allow-oom, because it makes room.

KEYS  1 days of the site
ARGV  1 the last day that goes, in days since 1970  2 how many at most  3 prefix of the keys of its sums
Reply how many were taken away
Error WRONGTYPE when the key holds something else
]]
local names = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
if #names == 0 then return 0 end
local sums = {}
for i, name in ipairs(names) do sums[i] = ARGV[3] .. name end
redis.call('UNLINK', unpack(sums))
redis.call('ZREM', KEYS[1], unpack(names))
return #names
