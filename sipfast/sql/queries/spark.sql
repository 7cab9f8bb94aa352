-- Functions that the queries use, for Spark SQL, which has all others.

-- The items of one list that another has too, in any case of letters, in the order of the first.
create or replace temporary function common_items(texts string, others string) returns string
return array_join(
    filter(
        split(texts, ','),
        item -> array_contains(split(lower(others), ','), lower(item))
    ), ','
)
