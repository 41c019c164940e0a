-- One decision over the moving windows of one contract, atomic because Redis runs one script at a time (GATEWAY 7).
-- KEYS[1]  the times of its accepted calls in microseconds, newest first
-- ARGV     the time ('' for this server's clock), '1' to spend or '0' to look, for how many microseconds and up to
--          how many calls are remembered, then quota and length in microseconds of each window
-- Returns  admitted (1 or 0), the time, then for each window its calls (up to the quota) and the oldest of them (or 0)

local key, spend, keep, most = KEYS[1], ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

local function at(index)
  return tonumber(redis.call('LINDEX', key, index))
end

local function remember(command, time)
  redis.call(command, key, string.format('%.0f', time))
  redis.call('PEXPIRE', key, math.ceil(keep / 1000))
end

-- A clock set back would leave calls in the future and close the windows until it catches up: they move with it.
local ahead = (at(0) or now) - now
if ahead > 0 then
  local calls = redis.call('LRANGE', key, 0, -1)
  redis.call('DEL', key)
  for _, call in ipairs(calls) do remember('RPUSH', call - ahead) end
end

local held = redis.call('LLEN', key)

-- Times fall along the list, so the first call outside a window is found by halving.
local function count_after(start, quota)
  local low, high = 0, math.min(held, quota)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if at(middle) > start then low = middle + 1 else high = middle end
  end
  return low
end

local admitted, windows = 1, {}
for index = 5, #ARGV, 2 do
  local quota, length = tonumber(ARGV[index]), tonumber(ARGV[index + 1])
  local calls = count_after(now - length, quota)
  if calls == quota then admitted = 0 end
  table.insert(windows, calls)
  table.insert(windows, calls > 0 and at(calls - 1) or 0)
end

if spend and admitted == 1 then
  remember('LPUSH', now)
  redis.call('LTRIM', key, 0, most - 1)
  for _ = 1, 100 do -- a bounded sweep: what it leaves is outside every window and goes with the next calls
    if at(-1) > now - keep then break end
    redis.call('RPOP', key)
  end
end

return {admitted, now, unpack(windows)}
