#!lua flags=allow-oom
--[[
Acknowledges entries and stores their readings, as one step. Only what this very XACK released is stored, so an
entry that two consumers hold is stored once, whoever comes first.

A script is not rolled back: the type of every key is looked at before the first write. A site whose key holds
something else is left out whole, and its entries stay pending. allow-oom, because a Redis that is full can only
be emptied by processing what waits in it.

Beside a site's list an index of its blocks is kept, so that a range of time is found without reading all of it.
Each block is smallest and largest time and how many are in it; it may say more than there is, never less: the
blocks that a batch goes to are widened by the times of the whole batch. What a program without the index has
pushed is any time.

KEYS  1 stream  2 watermark  3 sites  4 stats
      then for each site: its readings (list), its devices (hash), its blocks (list)
ARGV  1 group  2 prefix of the live channels  3 readings in a block  then for each site:
      name, when last heard (ms), sum of the milliseconds in its ids, smallest and largest time (ms), n, m,
      n entry ids, n readings (JSON), then m times: device, newest timestamp without its Z, that reading (JSON)
Reply 1 stored  2 Redis's clock (ms)  then the 1-based numbers of the sites that were left out
Error WRONGTYPE when a key other than a site's holds something else
]]
local call = redis.call
local stream, watermark, sites, stats = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local group, live, block = ARGV[1], ARGV[2], tonumber(ARGV[3])

local function holds(key, wanted)
  local kind = call('TYPE', key).ok
  return kind == wanted or kind == 'none'
end

for key, kind in pairs({ [watermark] = 'string', [sites] = 'zset', [stats] = 'hash' }) do
  if not holds(key, kind) then
    return redis.error_reply('WRONGTYPE the key ' .. key .. ' does not hold a ' .. kind)
  end
end

local function push(list, from, to)
  -- unpack ends near 8,000 values.
  for first = from, to, 5000 do
    call('RPUSH', list, unpack(ARGV, first, math.min(first + 4999, to)))
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

-- Of a site of which only a part was released: what to store, its newest of each device, its sum of milliseconds.
local function part(released, ids, jsons)
  local kept, newest, sum = {}, {}, 0
  for i in ipairs(released) do
    local index = released[i]
    local json = ARGV[jsons + index]
    kept[#kept + 1] = json
    sum = sum + tonumber(string.match(ARGV[ids + index], '^%d+'))
    local device = string.match(json, '"device_id":"([^"]+)"')
    local time = string.match(json, '"timestamp":"([^"]+)Z"')
    if newest[device] == nil or newest[device][1] <= time then newest[device] = { time, json } end
  end
  return kept, newest, sum
end

local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local reply = { 0, now }
local stored, latency, oldest = 0, 0, now
local at = 4
for site = 1, (#KEYS - 4) / 3 do
  local readings, devices, blocks = KEYS[2 + 3 * site], KEYS[3 + 3 * site], KEYS[4 + 3 * site]
  local name, heard, sum = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  local low, high = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
  local n, m = tonumber(ARGV[at + 5]), tonumber(ARGV[at + 6])
  local ids, jsons, newest = at + 6, at + 6 + n, at + 6 + 2 * n
  at = at + 7 + 2 * n + 3 * m
  if not (holds(readings, 'list') and holds(devices, 'hash') and holds(blocks, 'list')) then
    reply[#reply + 1] = site
  else
    local released, count = {}, 0
    for i = 1, n do
      if call('XACK', stream, group, ARGV[ids + i]) == 1 then
        count = count + 1
        released[count] = i
      end
    end
    if count > 0 then
      local candidates, message = {}, nil
      if count == n then
        push(readings, jsons + 1, jsons + n)
        message = table.concat(ARGV, ',', jsons + 1, jsons + n)
        for i = newest + 1, newest + 3 * m, 3 do candidates[ARGV[i]] = { ARGV[i + 1], ARGV[i + 2] } end
      else
        local kept
        kept, candidates, sum = part(released, ids, jsons)
        for first = 1, count, 5000 do
          call('RPUSH', readings, unpack(kept, first, math.min(first + 4999, count)))
        end
        message = table.concat(kept, ',')
      end
      local length = call('LLEN', readings)
      index(blocks, length - count, length, low, high)
      for device, candidate in pairs(candidates) do
        local current = call('HGET', devices, device)
        local time = current and string.match(current, '"timestamp":"([^"]+)Z"')
        if not time or time <= candidate[1] then call('HSET', devices, device, candidate[2]) end
      end
      call('ZADD', sites, 'GT', heard, name)
      call('PUBLISH', live .. name, '[' .. message .. ']')
      stored = stored + count
      latency = latency + count * now - sum
      oldest = math.min(oldest, tonumber(string.match(ARGV[ids + released[1]], '^%d+')))
    end
  end
end
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
