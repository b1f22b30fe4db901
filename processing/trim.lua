#!lua flags=allow-oom
--[[
Trims the stream behind what every group has acknowledged, keeping what is to be kept for replay. XTRIM MINID
never takes what is not yet acknowledged; XDEL and MAXLEN could, and both leave a lag that is wrong.

While the group that stores readings is missing nothing goes, however far others are: it is made anew where it was.

KEYS  1 stream
ARGV  1 entries accepted before this time (ms) may go  2 most bytes that the stream may take, 0 for no limit
      3 "1" when memory is short: all that was acknowledged goes  4 the group that stores readings
Reply how many entries were trimmed
]]
local stream = KEYS[1]
local groups = redis.call('XINFO', 'GROUPS', stream)

local function before(a, b)
  local ams, aseq = string.match(a, '^(%d+)-(%d+)$')
  local bms, bseq = string.match(b, '^(%d+)-(%d+)$')
  if ams ~= bms then return tonumber(ams) < tonumber(bms) end
  if #aseq ~= #bseq then return #aseq < #bseq end
  return aseq < bseq
end

local needed, stores
for _, info in ipairs(groups) do
  stores = stores or info[2] == ARGV[4]
  local pending = redis.call('XPENDING', stream, info[2])
  local from = pending[1] > 0 and pending[2] or info[8]
  if needed == nil or before(from, needed) then needed = from end
end
if not stores then return 0 end

-- Whole nodes go, which is cheap; towards a size single entries too, or a goal inside the first node were never met.
local cut, how = ARGV[1] .. '-0', '~'
if ARGV[3] == '1' then
  cut = needed
elseif tonumber(ARGV[2]) > 0 then
  local bytes = redis.call('MEMORY', 'USAGE', stream, 'SAMPLES', 20)
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  if first and bytes > tonumber(ARGV[2]) then
    -- As large a share of the time it spans as it is over: the next sweeps come as close as is wanted.
    local start, stop = tonumber(string.match(first[1], '^%d+')), tonumber(string.match(needed, '^%d+'))
    local share = 1 - tonumber(ARGV[2]) / bytes
    local goal = string.format('%.0f', math.ceil(start + math.max(0, stop - start) * share) + 1) .. '-0'
    if before(cut, goal) then cut, how = goal, '=' end
  end
end
if before(needed, cut) then cut = needed end
if how == '=' then return redis.call('XTRIM', stream, 'MINID', '=', cut) end
return redis.call('XTRIM', stream, 'MINID', '~', cut, 'LIMIT', 0)
