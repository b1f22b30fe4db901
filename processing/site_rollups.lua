#!lua flags=no-writes
--[[
What an overview of sites is made of: the totals that are kept of each, and behind them the rollups of its devices.

KEYS  for each site the set of its days
ARGV  1 first day  2 last day  3 how many quarters a reading may hold on for  4 1 when totals can be used
      then for each site the prefix of the keys of its rollups
Reply for each site: the quarter (since 1970) that its totals end before, its totals from the first day on, then
      member of the set, rollups, member, rollups, …
]]
local call = redis.call
local first, last, hold, kept = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local function text(number) return string.format('%.0f', number) end
local reply = {}
for i = 1, #KEYS do
  local prefix = ARGV[4 + i]
  local totals, final = {}, first * 96
  if kept then
    for day = first, last do
      local of = call('GET', prefix .. text(day) .. ':') or ''
      totals[#totals + 1] = of
      final = day * 96 + #of / 32
      if #of < 3072 then break end
    end
  end
  -- From the hour on that the totals end in, and what holds when it begins.
  local from = final - final % 4 - hold
  local day = math.floor(from / 96)
  local bytes = -(96 - from % 96) * 56
  local part = text(day) .. ':'
  local of = { text(final), table.concat(totals) }
  for _, member in ipairs(call('ZRANGEBYSCORE', KEYS[i], text(day), text(last))) do
    if string.sub(member, -1) ~= ':' then
      of[#of + 1] = member
      if string.sub(member, 1, #part) == part then
        of[#of + 1] = call('GETRANGE', prefix .. member, bytes, -1)
      else
        of[#of + 1] = call('GET', prefix .. member) or ''
      end
    end
  end
  reply[i] = of
end
return reply
