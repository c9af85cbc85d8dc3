{#-
    Wilson's 95 % interval of a share, in percent: x positives of n answers. Null when n is 0 or null; at x = 0 the
    lower bound is exactly 0 and at x = n the upper is exactly 100. z is the normal quantile of 0.975.
-#}
{% macro wilson_z() %}{{ return('1.959963984540054') }}{% endmacro %}

{% macro wilson_mitt(x, n) -%}
    (cast({{ x }} as {{ typ_double() }}) + {{ wilson_z() }} * {{ wilson_z() }} / 2)
{%- endmacro %}

{% macro wilson_bredd(x, n) -%}
    {{ wilson_z() }} * sqrt(
        cast({{ x }} as {{ typ_double() }}) * ({{ n }} - {{ x }}) / {{ n }} + {{ wilson_z() }} * {{ wilson_z() }} / 4
    )
{%- endmacro %}

{% macro wilson_lag(x, n) -%}
    case
        when {{ n }} > 0 and {{ x }} = 0 then cast(0 as {{ typ_double() }})
        when {{ n }} > 0
            then 100 * ({{ wilson_mitt(x, n) }} - {{ wilson_bredd(x, n) }})
                / ({{ n }} + {{ wilson_z() }} * {{ wilson_z() }})
    end
{%- endmacro %}

{% macro wilson_hog(x, n) -%}
    case
        when {{ n }} > 0 and {{ x }} = {{ n }} then cast(100 as {{ typ_double() }})
        when {{ n }} > 0
            then 100 * ({{ wilson_mitt(x, n) }} + {{ wilson_bredd(x, n) }})
                / ({{ n }} + {{ wilson_z() }} * {{ wilson_z() }})
    end
{%- endmacro %}
