#!lua flags=no-writes
--[[
The rollups of some days of sites, of all their devices.

KEYS  for each site the set of its days
ARGV  1 first day  2 last day  3 how many bytes of the first day are wanted, its last ones
      then for each site the prefix of the keys of its rollups
Reply for each site: member of the set, rollups, member, rollups, …
]]
local call = redis.call
local first, last, bytes = ARGV[1], ARGV[2], -tonumber(ARGV[3])
local reply = {}
for i = 1, #KEYS do
  local of = {}
  for _, member in ipairs(call('ZRANGEBYSCORE', KEYS[i], first, last)) do
    local key = ARGV[3 + i] .. member
    of[#of + 1] = member
    if string.sub(member, 1, #first + 1) == first .. ':' then
      of[#of + 1] = call('GETRANGE', key, bytes, -1)
    else
      of[#of + 1] = call('GET', key) or ''
    end
  end
  reply[i] = of
end
return reply
