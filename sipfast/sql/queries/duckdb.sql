-- Functions of Spark SQL that the queries use, for DuckDB.

create or replace temporary macro unix_micros(moment) as epoch_us(moment);

create or replace temporary macro timestamp_micros(micros) as make_timestamp(micros);

create or replace temporary macro array_join(texts, mark) as array_to_string(texts, mark);

create or replace temporary macro struct
    (a, b) as row(a, b),
    (a, b, c) as row(a, b, c),
    (a, b, c, d, e) as row(a, b, c, d, e);

-- A struct by the number of its fields, whose names here are those that the queries give.
create or replace temporary macro named_struct
    (k1, place, k2, status, k3, from_tag) as struct_pack(
        place := place, status := status, from_tag := from_tag
    ),
    (k1, cseq_number, k2, status, k3, reason, k4, user_agent) as struct_pack(
        cseq_number := cseq_number, status := status, reason := reason, user_agent := user_agent
    ),
    (k1, place, k2, status, k3, reason, k4, user_agent, k5, codecs, k6, from_tag) as struct_pack(
        place := place, status := status, reason := reason, user_agent := user_agent,
        codecs := codecs, from_tag := from_tag
    ),
    (
        k1, file, k2, source_address, k3, source_port, k4, destination_address,
        k5, destination_port, k6, from_user, k7, from_host, k8, from_tag, k9, to_user, k10, to_host,
        k11, uri_user, k12, uri_host, k13, is_initial, k14, user_agent, k15, codecs
    ) as struct_pack(
        file := file, source_address := source_address, source_port := source_port,
        destination_address := destination_address, destination_port := destination_port,
        from_user := from_user, from_host := from_host, from_tag := from_tag,
        to_user := to_user, to_host := to_host, uri_user := uri_user, uri_host := uri_host,
        is_initial := is_initial, user_agent := user_agent, codecs := codecs
    );

-- The items of one list that another has too, in any case of letters, in the order of the first.
create or replace temporary macro common_items(texts, others) as array_to_string(
    [
        item for item in string_split(texts, ',')
        if list_contains(string_split(lower(others), ','), lower(item))
    ],
    ','
);
