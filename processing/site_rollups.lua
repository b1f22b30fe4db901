#!lua flags=no-writes
--[[
What an overview of sites is made of: the totals that are kept of each, and behind them the rollups of its devices.

KEYS  for each site the set of its days
ARGV  1 first day  2 last day  3 how many quarters a reading may hold on for  4 1 when totals can be used
      5 the quarter it is (since 1970)  then for each site the prefix of the keys of its rollups
Reply for each site: the quarter (since 1970) that its totals end before, of how many days there are any, those of
      each from the first day on, then member of the set, rollups, member, rollups, …; nothing when that is too much
]]
local call = redis.call
local first, last, hold, kept = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local now = tonumber(ARGV[5])
local function text(number) return string.format('%.0f', number) end
-- The quarter of its day that the first of some records is of, the upper 12 bits of the first 32.
local function quarter(records)
  local low, high = string.byte(records, 3, 4)
  return high * 16 + math.floor(low / 16)
end
-- The bytes of rollups that there is room for: a year of a hundred devices would be more than who asks has memory.
-- Of the few days that totals are kept for all are read, or they would never be kept.
local room = kept and math.huge or 16 * 1024 * 1024
local reply, keys, totals = {}, {}, {}
local days = last - first + 1
-- All in one call, for calls are what this takes its time with; unpack ends near 8,000 values.
if kept and days * #KEYS <= 5000 then
  for i = 1, #KEYS do
    for day = first, last do keys[#keys + 1] = ARGV[5 + i] .. text(day) .. ':' end
  end
  totals = call('MGET', unpack(keys))
end
for i = 1, #KEYS do
  local prefix = ARGV[5 + i]
  local final, used = first * 96, {}
  for day = 1, days do
    local of = totals[(i - 1) * days + day] or ''
    used[day] = of
    final = (first + day - 1) * 96 + #of / 32
    if #of < 3072 then break end
  end
  -- From the hour on that the totals end in, and what holds when it begins.
  local from = final - final % 4 - hold
  local day = math.floor(from / 96)
  -- A record a quarter: so many lie behind `from` until now, and so many at most when readings are ahead of the clock.
  local most = 96 - from % 96
  local likely = math.min(most, math.max(1, now + 1 - from))
  local part = text(day) .. ':'
  local of = { text(final), text(#used), unpack(used) }
  for _, member in ipairs(call('ZRANGEBYSCORE', KEYS[i], day, ARGV[2])) do
    -- One without a device behind the day is of the totals. A device's name may end with a colon.
    if string.find(member, ':', 1, true) < #member then
      of[#of + 1] = member
      if string.find(member, part, 1, true) == 1 then
        local records = call('GETRANGE', prefix .. member, -likely * 56, -1)
        if #records == likely * 56 and likely < most and quarter(records) > from % 96 then
          records = call('GETRANGE', prefix .. member, -most * 56, -1)
        end
        of[#of + 1] = records
      else
        of[#of + 1] = call('GET', prefix .. member) or ''
      end
      room = room - #of[#of]
      if room < 0 then
        of = {}
        break
      end
    end
  end
  reply[i] = of
end
return reply
