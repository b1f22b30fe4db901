--[[
Makes the consumer group where it is missing, so that no entry is missed and none comes twice.

A new stream gets its group at 0: everything that will be in it is new. On a stream that has lost its group,
the group starts at the watermark that the storing script keeps, or at 0 when there is none. It starts at 0 as well
when the stream ends before the watermark, or fewer entries were ever added up to it than had been read there: then
it was deleted and written anew, with ids that overlap the old ones (within a millisecond, or by another clock).
ENTRIESREAD is given, or the group's lag would be nil until it had been read through.

KEYS  1 stream  2 watermark
ARGV  1 group
Reply 0 when the group was there, 1 when it was made
Error WRONGTYPE when the stream's key holds something else
]]
local stream, watermark, group = KEYS[1], KEYS[2], ARGV[1]
local kind = redis.call('TYPE', stream).ok
if kind == 'none' then
  redis.call('DEL', watermark)
  redis.call('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
  return 1
end
if kind ~= 'stream' then
  return redis.error_reply('WRONGTYPE the key ' .. stream .. ' holds a ' .. kind .. ', not a stream')
end
for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  if info[2] == group then return 0 end
end

local function before(a, b)
  local ams, aseq = string.match(a, '^(%d+)-(%d+)$')
  local bms, bseq = string.match(b, '^(%d+)-(%d+)$')
  if ams ~= bms then return tonumber(ams) < tonumber(bms) end
  if #aseq ~= #bseq then return #aseq < #bseq end
  return aseq < bseq
end

local kept = redis.call('GET', watermark) or '0-0'
local start, read = string.match(kept, '^(%S+) ?(%d*)$')
local info, field = redis.call('XINFO', 'STREAM', stream), {}
for i = 1, #info, 2 do field[info[i]] = info[i + 1] end
local added = field['entries-added']
local unread, from = 0, '(' .. start
while true do
  local entries = redis.call('XRANGE', stream, from, '+', 'COUNT', 1000)
  unread = unread + #entries
  if #entries < 1000 then break end
  from = '(' .. entries[#entries][1]
end
if added - unread < (tonumber(read) or 0) or before(field['last-generated-id'], start) then
  redis.call('DEL', watermark)
  start, unread = '0-0', redis.call('XLEN', stream)
end
redis.call('XGROUP', 'CREATE', stream, group, start, 'ENTRIESREAD', added - unread)
return 1
