use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use super::*;

const SHAPES: &str = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n\
    a,45.0,10.0,1\na,45.0,10.005,2\na,45.0,10.01,3\nb,45.0,10.005,1\nb,45.005,10.005,2\n";
const TRIPS: &str = "route_id,service_id,trip_id,shape_id\nr,s,t1,a\nr,s,t2,b\n";
const STOPS: &str = "stop_id,stop_name,stop_lat,stop_lon\n1,Roma            12,45.00005,10.002\n2,Cavour   Sn,45.003,10.00505\n";
const TIMES: &str = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt1,8:00:00,8:00:00,1,1\nt2,8:00:00,8:00:00,2,1\n";
const ROUTES: &str = "route_id,route_short_name,route_long_name,route_type\nr,1,Uno,3\n";

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("a file");
        writer.write_all(text.as_bytes()).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

fn feed(changes: &[(&str, &str)]) -> Vec<u8> {
    let files = [
        ("shapes.txt", SHAPES),
        ("trips.txt", TRIPS),
        ("stops.txt", STOPS),
        ("stop_times.txt", TIMES),
        ("routes.txt", ROUTES),
    ];
    let with = files.map(|(name, text)| (name, changes.iter().find(|c| c.0 == name).map_or(text, |c| c.1)));
    zip(&with
        .into_iter()
        .filter(|(_, text)| *text != "-")
        .collect::<Vec<_>>())
}

fn refused(bytes: &[u8], limits: &Limits) -> String {
    gtfs::read(bytes, limits).expect_err("to be refused").to_string()
}

#[test]
fn a_feed_becomes_a_named_network() {
    let feed = gtfs::read(feed(&[]).as_slice(), &Limits::default()).expect("a feed");
    assert_eq!(
        (feed.shapes.len(), feed.trips, feed.stops[0].shapes.as_slice()),
        (2, 2, [0].as_slice())
    );
    assert_eq!(feed.routes[feed.stops[1].routes[0]].name(), "1");
    let (network, report) = network_from_gtfs(&feed, None, &NamingHints::default()).expect("a network");
    assert_eq!(network.links.len(), 3);
    assert_eq!(report.naming.streets, 2);
    assert_eq!(network.house_numbers[0].street, "Via Roma");
}

#[test]
fn a_feed_packed_with_its_folder_is_read_too() {
    let files = [
        ("gtfs/shapes.txt", SHAPES),
        ("gtfs/trips.txt", TRIPS),
        ("gtfs/stops.txt", STOPS),
        ("gtfs/stop_times.txt", TIMES),
        ("gtfs/routes.txt", ROUTES),
    ];
    assert!(gtfs::read(zip(&files).as_slice(), &Limits::default()).is_ok());
}

#[test]
fn missing_files_and_columns_are_named() {
    let limits = Limits::default();
    assert!(
        refused(&feed(&[("stops.txt", "-")]), &limits).starts_with("stops.txt is missing from the archive")
    );
    let no_lat = "shape_id,shape_pt_lon,shape_pt_sequence\na,10.0,1\n";
    let error = refused(&feed(&[("shapes.txt", no_lat)]), &limits);
    assert!(
        error.starts_with("shapes.txt, line 1: column shape_pt_lat is missing"),
        "{error}"
    );
}

#[test]
fn wrong_values_are_named_by_line_and_column() {
    let limits = Limits::default();
    let wrong = SHAPES.replace("45.005", "forty-five");
    let error = refused(&feed(&[("shapes.txt", &wrong)]), &limits);
    assert_eq!(
        error,
        "shapes.txt, line 6, column shape_pt_lat: \"forty-five\" is not a number"
    );
    let off = STOPS.replace("45.003", "145.003");
    let error = refused(&feed(&[("stops.txt", &off)]), &limits);
    assert_eq!(
        error,
        "stops.txt, line 3, column stop_lat: 145.003 is not between -90 and 90"
    );
    let short = format!("{TRIPS}r,s\n");
    let error = refused(&feed(&[("trips.txt", &short)]), &limits);
    assert!(
        error.starts_with("trips.txt, line 4: 2 values where the first line names 4"),
        "{error}"
    );
}

#[test]
fn a_cut_off_archive_is_refused_at_every_length() {
    let whole = feed(&[]);
    for length in (0..whole.len()).step_by(7) {
        refused(&whole[..length], &Limits::default());
    }
    let error = refused(&whole[..whole.len() / 2], &Limits::default());
    assert!(error.contains("cut off or not a zip file"), "{error}");
}

#[test]
fn a_damaged_file_in_a_whole_archive_is_refused() {
    let mut bytes = feed(&[]);
    let data = bytes
        .windows(10)
        .position(|w| w == b"shapes.txt")
        .expect("the first entry")
        + 20;
    for byte in &mut bytes[data..data + 12] {
        *byte ^= 0x5a;
    }
    refused(&bytes, &Limits::default());
}

#[test]
fn a_zip_bomb_is_refused_while_it_unpacks() {
    let bomb = format!("{SHAPES}{}", "a,45.0,10.0,1\n".repeat(2_000_000));
    let error = refused(
        &feed(&[("shapes.txt", &bomb)]),
        &Limits {
            ratio: 100,
            ..Limits::default()
        },
    );
    assert!(error.contains("zip bomb"), "{error}");
    let error = refused(
        &feed(&[("shapes.txt", &bomb)]),
        &Limits {
            unpacked_bytes: 1 << 20,
            ratio: u64::MAX,
            ..Limits::default()
        },
    );
    assert!(error.contains("more than 1048576 bytes"), "{error}");
    let error = refused(
        &feed(&[]),
        &Limits {
            entries: 3,
            ..Limits::default()
        },
    );
    assert!(error.contains("holds 5 files"), "{error}");
    let error = refused(
        &feed(&[]),
        &Limits {
            rows: 3,
            ..Limits::default()
        },
    );
    assert_eq!(error, "shapes.txt: more than 3 rows");
    let error = refused(
        &feed(&[]),
        &Limits {
            file_bytes: 10,
            ..Limits::default()
        },
    );
    assert!(error.contains("more than the 10 that are allowed"), "{error}");
}

/// One protobuf field of wire type 2 (length-delimited).
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length > 127 {
        out.push((length & 127) as u8 | 128);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend(bytes);
    out
}

/// A blob of the PBF format: length of the header, BlobHeader, Blob with raw content.
fn blob(kind: &str, content: &[u8]) -> Vec<u8> {
    let body = field(1, content);
    let mut header = field(1, kind.as_bytes());
    header.push(3 << 3);
    let mut size = body.len();
    while size > 127 {
        header.push((size & 127) as u8 | 128);
        size >>= 7;
    }
    header.push(size as u8);
    let mut out = (header.len() as u32).to_be_bytes().to_vec();
    out.extend(header);
    out.extend(body);
    out
}

/// Zigzag deltas as protobuf varints.
fn deltas(values: &[i64]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut last = 0;
    for v in values {
        let d = v - last;
        last = *v;
        let mut z = ((d << 1) ^ (d >> 63)) as u64;
        while z > 127 {
            out.push((z & 127) as u8 | 128);
            z >>= 7;
        }
        out.push(z as u8);
    }
    out
}

/// Two nodes about 800 m apart and a residential street between them.
fn pbf() -> Vec<u8> {
    let strings: Vec<u8> = ["", "highway", "residential", "name", "Via Roma"]
        .iter()
        .flat_map(|s| field(1, s.as_bytes()))
        .collect();
    let dense = [
        field(1, &deltas(&[1, 2])),
        field(8, &deltas(&[450_000_000, 450_000_000])),
        field(9, &deltas(&[100_000_000, 100_100_000])),
    ]
    .concat();
    let mut way = vec![1 << 3, 7];
    way.extend([field(2, &[1, 3]), field(3, &[2, 4]), field(8, &deltas(&[1, 2]))].concat());
    let group = [field(2, &dense), field(3, &way)].concat();
    let block = [field(1, &strings), field(2, &group)].concat();
    [
        blob("OSMHeader", &field(4, b"OsmSchema-V0.6")),
        blob("OSMData", &block),
    ]
    .concat()
}

#[test]
fn an_extract_becomes_a_network() {
    let (network, report) =
        network_from_osm(pbf().as_slice(), None, None, &Limits::default()).expect("a network");
    assert_eq!(report.links, 1);
    assert_eq!(network.links[0].name.as_deref(), Some("Via Roma"));
    assert!(
        (network.links[0].length_m - 786.0).abs() < 2.0,
        "{}",
        network.links[0].length_m
    );
    let elsewhere = network_from_osm(
        pbf().as_slice(),
        None,
        Some([0.0, 0.0, 1.0, 1.0]),
        &Limits::default(),
    );
    assert!(matches!(elsewhere, Err(ImportError::NoStreets)));
}

#[test]
fn a_cut_off_or_damaged_extract_is_refused_without_panic() {
    let whole = pbf();
    let header = blob("OSMHeader", &field(4, b"OsmSchema-V0.6")).len();
    for length in 0..whole.len() {
        let result = network_from_osm(&whole[..length], None, None, &Limits::default());
        assert!(result.is_err(), "{length} bytes of {}", whole.len());
        if length > header {
            assert!(
                matches!(result, Err(ImportError::Osm { .. })),
                "{length}: {result:?}"
            );
        }
    }
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        // Some bytes may change without harm; what matters is an answer.
        let _answer = network_from_osm(damaged.as_slice(), None, None, &Limits::default());
    }
    let strange = blob("OSMHeader", &field(4, b"HistoricalInformation"));
    let error = network_from_osm(strange.as_slice(), None, None, &Limits::default())
        .expect_err("refused")
        .to_string();
    assert!(error.contains("HistoricalInformation"), "{error}");
    let few = Limits {
        elements: 1,
        ..Limits::default()
    };
    assert!(matches!(
        network_from_osm(pbf().as_slice(), None, None, &few),
        Err(ImportError::TooManyElements { .. })
    ));
}
