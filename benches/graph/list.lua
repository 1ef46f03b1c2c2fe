-- Twenty of a type, at an offset chosen by chance among the first pages.
math.randomseed(tonumber(os.getenv("SEED") or "1"))
request = function()
    return wrk.format("GET", "/ngsi-ld/v1/entities?type=BenchSensor&limit=20&offset=" .. 20 * math.random(0, 49))
end
