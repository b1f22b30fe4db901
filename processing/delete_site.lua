#!lua flags=allow-oom
--[[
Deletes a site and all that belongs to it, as one step for everyone who reads. The keys of its sums are found by the
list of its days. UNLINK frees the memory in the background, so a list of millions is gone at once. Followers of the
site, and of all sites, are told to look again.

KEYS  1 sites  2 sizes of the sites  3 days of this site  then its other keys
ARGV  1 site  2 prefix of the keys of its sums  3 its live channel
Reply 1, or 0 when there was nothing of it
]]
local sites, sizes, days = KEYS[1], KEYS[2], KEYS[3]
local name, prefix = ARGV[1], ARGV[2]
local gone = redis.call('ZREM', sites, name)
if redis.call('TYPE', days).ok == 'zset' then
  -- unpack ends near 8,000 values.
  local members = redis.call('ZRANGE', days, 0, -1)
  for first = 1, #members, 1000 do
    local keys = {}
    for i = first, math.min(first + 999, #members) do keys[#keys + 1] = prefix .. members[i] end
    redis.call('UNLINK', unpack(keys))
  end
end
gone = gone + redis.call('UNLINK', unpack(KEYS, 3))
if gone == 0 then return 0 end
redis.call('ZREM', sizes, name)
redis.call('PUBLISH', ARGV[3], '[]')
return 1
