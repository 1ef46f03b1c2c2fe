-- What lies within 300 m of a point chosen by chance.
math.randomseed(tonumber(os.getenv("SEED") or "1"))
request = function()
    local lon, lat = 11.0 + math.random() * 0.3, 43.7 + math.random() * 0.3
    return wrk.format("GET", string.format(
        "/ngsi-ld/v1/entities?type=BenchSensor&limit=20&georel=near%%3BmaxDistance==300&geometry=Point&coordinates=%%5B%.5f,%.5f%%5D",
        lon, lat))
end
