--[[
What wrk posts: readings of 20 sites with 7 devices each.

ARGS  1 readings a request: one is sent as an object, more as an array
Prints, as the last line, a JSON object: requests, duration (microseconds), errors
]]
local bodies, at = {}, 0

local function reading(number)
  return string.format(
    '{"site_id":"site-%03d","device_id":"meter-%d","power_reading":%.1f,"timestamp":"2024-01-15T10:%02d:%02dZ"}',
    number % 20, number % 7, 1000 + number * 37 % 9000 / 10, math.floor(number / 60) % 60, number % 60)
end

function init(args)
  local size = tonumber(args[1])
  local headers = { ['content-type'] = 'application/json' }
  for request = 1, 140 do
    local readings = {}
    for i = 1, size do readings[i] = reading(request * size + i) end
    local body = table.concat(readings, ',')
    if size > 1 then body = '[' .. body .. ']' end
    bodies[request] = wrk.format('POST', nil, headers, body)
  end
end

function request()
  at = at % #bodies + 1
  return bodies[at]
end

function done(summary)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"duration":%d,"errors":%d}\n', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
