#!lua flags=allow-oom
--[[
Writes the rollups of a part of a site's list, and how far the list is rolled up by that, if nobody has rolled, trimmed
or replaced it since it was read. So each reading is in the rollups once, whoever rolls and whoever is killed when.

A script is not rolled back: the type of every key is looked at before the first write.

Totals of the site that were worked out from what changes are taken away.

KEYS  1 meta  2 readings  3 days (sorted set)  then each day's rollups (string), then each day's totals (string)
ARGV  1 base and  2 rolled as they were read, 0 when missing  3 the gap that it is rolled up with (ms)
      4 rolled as it is to be  5 the last reading of the part  6 how many keys are of rollups  then for each of these: its
      member of the sorted set, the day, how many bytes there were, where to write, what; then for each of the
      others: its member, how many bytes of it stay
Reply 1 when it was written, 0 when something has changed
Error WRONGTYPE when a key holds something else
]]
local call = redis.call
local meta, list, days = KEYS[1], KEYS[2], KEYS[3]

local function holds(key, wanted)
  local kind = call('TYPE', key).ok
  return kind == wanted or kind == 'none'
end
local function wrong(key)
  return redis.error_reply('WRONGTYPE the key ' .. key .. ' does not hold what it should')
end
if not holds(meta, 'hash') then return wrong(meta) end
if not holds(list, 'list') then return wrong(list) end
if not holds(days, 'zset') then return wrong(days) end
local rollups, changed = tonumber(ARGV[6]), false
for i = 4, #KEYS do
  if not holds(KEYS[i], 'string') then return wrong(KEYS[i]) end
end
for i = 4, 3 + rollups do
  -- Retention may have removed it since; a part of it must not be written into nothing.
  if call('STRLEN', KEYS[i]) ~= tonumber(ARGV[5 * (i - 4) + 9]) then changed = true end
end
if changed then return 0 end

local f = call('HMGET', meta, 'base', 'rolled', 'gap', 'clearing', 'head', 'head_at', 'mark')
local base, rolled = tonumber(f[1] or 0), tonumber(f[2] or 0)
if base ~= tonumber(ARGV[1]) or math.max(base, rolled) ~= tonumber(ARGV[2]) then return 0 end
if f[4] or (f[3] and f[3] ~= ARGV[3]) then return 0 end
local upto = tonumber(ARGV[4])
if call('LINDEX', list, upto - base - 1) ~= ARGV[5] then return 0 end
local head = call('LINDEX', list, 0)
if tonumber(f[6]) == base and head ~= f[5] then return 0 end
if f[7] and rolled > base and call('LINDEX', list, rolled - base - 1) ~= f[7] then return 0 end

local at = 7
for i = 4, 3 + rollups do
  call('SETRANGE', KEYS[i], ARGV[at + 3], ARGV[at + 4])
  if ARGV[at + 2] == '0' then call('ZADD', days, ARGV[at + 1], ARGV[at]) end
  at = at + 5
end
for i = 4 + rollups, #KEYS do
  local stay = tonumber(ARGV[at + 1])
  if call('STRLEN', KEYS[i]) > stay then
    if stay > 0 then
      call('SET', KEYS[i], call('GETRANGE', KEYS[i], 0, stay - 1))
    else
      call('UNLINK', KEYS[i])
      call('ZREM', days, ARGV[at])
    end
  end
  at = at + 2
end
call('HSET', meta, 'rolled', ARGV[4], 'gap', ARGV[3], 'mark', ARGV[5])
if tonumber(f[6]) ~= base then call('HSET', meta, 'head', head, 'head_at', string.format('%.0f', base)) end
return 1
