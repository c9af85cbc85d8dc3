-- MetricFlow's time spine: one row per day.
select cast(dag as date) as dag
from generate_series(date '1995-01-01', date '2035-12-31', interval 1 day) as dagar (dag)
