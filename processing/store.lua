#!lua flags=allow-oom
--[[
Acknowledges entries and stores their readings, as one step. Only what this very XACK released is stored, so an
entry that two consumers hold is stored once, whoever comes first.

XACK of many ids takes three tenths off all that storing a batch costs Redis, but tells how many it released and not
which. It is used for a batch that nobody else can have touched: who takes over from a consumer takes its oldest first, so a batch whose
first entry is still that consumer's, in its first delivery, is its own whole. Should less be released even so, a
stranger has acknowledged what this consumer holds, and it is stored all the same: what was accepted is stored.

A script is not rolled back: the type of every key is looked at before the first write. A site whose key holds
something else is left out whole, and its entries stay pending. allow-oom, because a Redis that is full can only
be emptied by processing what waits in it.

Beside a site's list an index of its blocks is kept, so that a range of time is found without reading all of it.
Each block is smallest and largest time and how many are in it; it may say more than there is, never less: the
blocks that a batch goes to are widened by the times of the whole batch. What a program without the index has
pushed is any time.

KEYS  1 stream  2 watermark  3 sites  4 stats
      then for each site: its readings (list), its devices (hash), its blocks (list)
ARGV  1 group  2 prefix of the live channels  3 readings in a block
      4 the consumer that was given the batch by one read, or nothing  5 the id of its first entry
      then for each site:
      name, when last heard (ms), sum of the milliseconds in its ids, smallest and largest time (ms), its entry ids
      (a space behind each), its readings (a JSON array without spaces), and of each device the newest of them:
      a line each of the device, the timestamp without its Z, and the reading, put apart by spaces.
      One argument for many values: an argument each is what costs most, here and in the client. And Lua hashes each
      string that is made: what is published is the argument itself
Reply 1 stored  2 Redis's clock (ms)  then the 1-based numbers of the sites that were left out
Error WRONGTYPE when a key other than a site's holds something else; NOGROUP when the group is gone; NOPERM when the
      user may not store
]]
local call = redis.call
local stream, watermark, sites, stats = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local group, live, block = ARGV[1], ARGV[2], tonumber(ARGV[3])
-- unpack ends near 8,000 values. An even number, so that pairs stay together.
local MANY = 5000

local function holds(key, wanted)
  local kind = call('TYPE', key).ok
  return kind == wanted or kind == 'none'
end

for key, kind in pairs({ [watermark] = 'string', [sites] = 'zset', [stats] = 'hash' }) do
  if not holds(key, kind) then
    return redis.error_reply('WRONGTYPE the key ' .. key .. ' does not hold a ' .. kind)
  end
end

-- What XACK has released would be lost where one of the commands behind it is refused.
for _, command in ipairs(KEYS[5] and {
  { 'RPUSH', KEYS[5], '' }, { 'LLEN', KEYS[5] }, { 'HMGET', KEYS[6], '' }, { 'HSET', KEYS[6], '', '' },
  { 'LINDEX', KEYS[7], -1 }, { 'RPUSH', KEYS[7], '' }, { 'LSET', KEYS[7], -1, '' }, { 'DEL', KEYS[7] },
  { 'PUBLISH', live .. ARGV[6], '' }, { 'ZADD', sites, 'GT', 0, '' }, { 'HINCRBY', stats, '', 1 },
  { 'HGET', stats, '' }, { 'HSET', stats, '', '' }, { 'GET', watermark }, { 'SET', watermark, '' },
  { 'XINFO', 'GROUPS', stream },
} or {}) do
  if not redis.acl_check_cmd(unpack(command)) then
    return redis.error_reply('NOPERM the user may not run ' .. command[1] .. ' on ' .. command[2])
  end
end

-- Gives a command all of many values, as many at a time as it can take.
local function give(values, command)
  for first = 1, #values, MANY do
    command(unpack(values, first, math.min(first + MANY - 1, #values)))
  end
end

-- Takes the positions from `start` up to `length`, just pushed, into the index.
local function index(blocks, start, length, low, high)
  local known, covered = call('LLEN', blocks), 0
  if known > 0 then
    local _, _, count = struct.unpack('<ddd', call('LINDEX', blocks, -1))
    covered = (known - 1) * block + count
  end
  if covered > start then
    -- The list has become shorter: the index is of another one.
    call('DEL', blocks)
    covered = 0
  end
  local function add(upto, least, most)
    while covered < upto do
      local inside = covered % block
      local count = math.min(block, inside + upto - covered)
      if inside == 0 then
        call('RPUSH', blocks, struct.pack('<ddd', least, most, count))
      else
        local min, max = struct.unpack('<ddd', call('LINDEX', blocks, -1))
        call('LSET', blocks, -1, struct.pack('<ddd', math.min(min, least), math.max(max, most), count))
      end
      covered = covered + count - inside
    end
  end
  add(start, -math.huge, math.huge)
  add(length, low, high)
end

-- Of a site of which only a part was released: its devices, the time and the reading of the newest of each, and the
-- sum of the milliseconds in the ids.
local function partOf(jsons)
  local at, names, times, newest, sum = {}, {}, {}, {}, 0
  for _, json in ipairs(jsons) do
    local device, time, ms = string.match(json, '"device_id":"([^"]+)".*"timestamp":"([^"]+)Z","id":"(%d+)')
    sum = sum + tonumber(ms)
    local i = at[device] or #names + 1
    if at[device] == nil or times[i] <= time then
      at[device], names[i], times[i], newest[i] = i, device, time, json
    end
  end
  return names, times, newest, sum
end

-- Makes readings the newest of their devices, unless those that are there are newer.
local function update(devices, names, times, newest)
  -- unpack ends near 8,000 values.
  for from = 1, #names, 1000 do
    local to = math.min(from + 999, #names)
    local current, newer = call('HMGET', devices, unpack(names, from, to)), {}
    for i = from, to do
      local json = current[i - from + 1]
      local time = json and string.match(json, '"timestamp":"([^"]+)Z"')
      if not time or time <= times[i] then
        newer[#newer + 1] = names[i]
        newer[#newer + 1] = newest[i]
      end
    end
    if #newer > 0 then call('HSET', devices, unpack(newer)) end
  end
end

local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local _, owner, _, deliveries = unpack(call('XPENDING', stream, group, ARGV[5], ARGV[5], 1)[1] or {})
local untouched = ARGV[4] ~= '' and owner == ARGV[4] and deliveries == 1
local reply = { 0, now }
local stored, latency, oldest, heards = 0, 0, now, {}
for site = 1, (#KEYS - 4) / 3 do
  local readings, devices, blocks = KEYS[2 + 3 * site], KEYS[3 + 3 * site], KEYS[4 + 3 * site]
  local name, heard, sum, low, high, ids, jsons, latest = unpack(ARGV, 8 * site - 2, 8 * site + 5)
  if not (holds(readings, 'list') and holds(devices, 'hash') and holds(blocks, 'list')) then
    reply[#reply + 1] = site
  else
    local released, kept, n = {}, {}, 0
    local idAt, jsonAt = 1, 2
    while true do
      -- A plain search is several times as fast as a pattern. Neither a name nor a timestamp holds a brace.
      local space, brace = string.find(ids, ' ', idAt, true), string.find(jsons, '}', jsonAt, true)
      if not space then break end
      local id = string.sub(ids, idAt, space - 1)
      n = n + 1
      if untouched or call('XACK', stream, group, id) == 1 then
        released[#released + 1] = id
        kept[#kept + 1] = string.sub(jsons, jsonAt, brace)
      end
      idAt, jsonAt = space + 1, brace + 2
    end
    local count = #kept
    if untouched then give(released, function(...) call('XACK', stream, group, ...) end) end
    if count > 0 then
      local names, times, newest = {}, {}, {}
      if count == n then
        for device, time, json in string.gmatch(latest, '([^ ]+) ([^ ]+) ([^\n]+)\n') do
          names[#names + 1], times[#times + 1], newest[#newest + 1] = device, time, json
        end
      else
        names, times, newest, sum = partOf(kept)
        jsons = '[' .. table.concat(kept, ',') .. ']'
      end
      give(kept, function(...) call('RPUSH', readings, ...) end)
      local length = call('LLEN', readings)
      index(blocks, length - count, length, tonumber(low), tonumber(high))
      update(devices, names, times, newest)
      heards[#heards + 1] = heard
      heards[#heards + 1] = name
      call('PUBLISH', live .. name, jsons)
      stored = stored + count
      latency = latency + count * now - sum
      oldest = math.min(oldest, tonumber(string.match(released[1], '^%d+')))
    end
  end
end
give(heards, function(...) call('ZADD', sites, 'GT', ...) end)
reply[1] = stored

if stored > 0 then
  call('HINCRBY', stats, 'stored', stored)
  call('HINCRBY', stats, 'latency_ms', string.format('%.0f', math.max(0, latency)))
  local longest = math.max(0, now - oldest)
  if longest > tonumber(call('HGET', stats, 'latency_max_ms') or 0) then
    call('HSET', stats, 'latency_max_ms', string.format('%.0f', longest))
  end
end

-- Everything up to the watermark was acknowledged. Behind its id is how many entries the stream had had up to
-- there, or somewhat fewer: by that a stream that was deleted and written anew is told from the one that was read.
local pending = call('XPENDING', stream, group)
if pending[1] > 0 then
  local ms, seq = string.match(pending[2], '^(%d+)-(%d+)$')
  local before
  -- The digits after 2^53 would not survive as a number, so a sequence is only lowered while it is small.
  if tonumber(seq) > 0 and #seq < 15 then
    before = ms .. '-' .. string.format('%.0f', tonumber(seq) - 1)
  elseif seq == '0' and ms ~= '0' then
    before = string.format('%.0f', tonumber(ms) - 1) .. '-18446744073709551615'
  end
  if before then
    local read = string.match(call('GET', watermark) or '', ' %d+$') or ''
    call('SET', watermark, before .. read)
  end
else
  for _, info in ipairs(call('XINFO', 'GROUPS', stream)) do
    if info[2] == group then call('SET', watermark, info[8] .. (info[10] and ' ' .. info[10] or '')) end
  end
end
return reply
