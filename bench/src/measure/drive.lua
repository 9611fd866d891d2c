-- Sends the requests of the file BENCH_REQUESTS in turn, each thread from another position, and prints the result in one
-- line. With BENCH_ONCE, each request is sent once, from the number BENCH_FROM on.
local is_once = os.getenv("BENCH_ONCE") == "1"
local threads = tonumber(os.getenv("BENCH_THREADS"))
local from = tonumber(os.getenv("BENCH_FROM"))
local threads_made = 0

function setup(thread)
  thread:set("place", threads_made)
  threads_made = threads_made + 1
end

function init()
  requests = {}
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do
    local fields, headers = {}, {}
    for field in (line .. "\t"):gmatch("([^\t]*)\t") do
      fields[#fields + 1] = field
    end
    for number = 4, #fields - 1, 2 do
      headers[fields[number]] = fields[number + 1]
    end
    requests[#requests + 1] = wrk.format(fields[1], fields[2], headers, fields[3] ~= "" and fields[3] or nil)
  end
  if is_once then
    next_one, step = from + place, threads
  else
    next_one, step = math.floor(#requests * place / threads), 1
  end
end

function request()
  local number = next_one % #requests + 1
  next_one = next_one + step
  return requests[number]
end

function done(summary, latency)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\nBENCH {"requests":%d,"micros":%d,"p50":%d,"p99":%d,"max":%d,"rejected":%d,"failed":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
    summary.errors.status, failed))
end
