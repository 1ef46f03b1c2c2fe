-- New values for one attribute of entities chosen by chance, each acknowledged when it is durable.
math.randomseed(tonumber(os.getenv("SEED") or "1"))
local count = tonumber(os.getenv("COUNT"))
local headers = {
    ["Content-Type"] = "application/json",
    ["Authorization"] = "Bearer " .. os.getenv("TOKEN"),
}
request = function()
    local path = string.format("/ngsi-ld/v1/entities/urn:ngsi-ld:BenchSensor:%07d/attrs/level", math.random(0, count - 1))
    local body = string.format('{"type":"Property","value":%d}', math.random(0, 99))
    return wrk.format("PATCH", path, headers, body)
end
