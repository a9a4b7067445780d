package org.embedllm.scoring;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// A unit of measurement.
///
/// @param kind what it measures; empty where it is not known
/// @param factor how many of the kind's base unit it is
record MeasureUnit(String kind, double factor) {
  static final MeasureUnit NONE = new MeasureUnit("", 1);

  /// Kinds, and their units with factors.
  private static final Map<String, MeasureUnit> UNITS =
      read(
          """
          length nm 1e-9 µm 1e-6 mm 1e-3 cm 1e-2 dm 0.1 m 1 meter 1 metre 1 km 1e3 kilometer 1e3
          length inch 0.0254 ft 0.3048 foot 0.3048 feet 0.3048 yd 0.9144 yard 0.9144 mile 1609.344
          area mm2 1e-6 cm2 1e-4 dm2 1e-2 m2 1 km2 1e6 ha 1e4
          volume ml 1e-3 cl 1e-2 dl 0.1 l 1 liter 1 litre 1 cm3 1e-3 dm3 1 m3 1e3
          mass mg 1e-6 g 1e-3 gram 1e-3 kg 1 kilogram 1 tonne 1e3 lb 0.45359237 oz 0.028349523125
          time ms 1e-3 s 1 sec 1 second 1 min 60 minute 60 h 3600 hr 3600 hour 3600
          time day 86400 week 604800
          speed m/s 1 km/s 1e3 cm/s 1e-2 km/h 0.2777777777777778 kmh 0.2777777777777778 mph 0.44704
          energy j 1 joule 1 kj 1e3 cal 4.184 kcal 4184 wh 3600 kwh 3.6e6
          power w 1 watt 1 kw 1e3
          frequency hz 1 khz 1e3
          pressure pa 1 kpa 1e3 bar 1e5
          money cent 0.01 dollar 1 usd 1
          share % 0.01 percent 0.01
          """);

  private static Map<String, MeasureUnit> read(String lines) {
    Map<String, MeasureUnit> units = new HashMap<>();
    for (String line : lines.split("\n")) {
      String[] words = line.split(" ");
      for (int i = 1; i < words.length; i += 2) {
        units.put(words[i], new MeasureUnit(words[0], Double.parseDouble(words[i + 1])));
      }
    }
    return Map.copyOf(units);
  }

  /// @param written such as `km`, `Hours`, `cm^2` or `m / s`
  static MeasureUnit of(String written) {
    String unit =
        written
            .toLowerCase(Locale.ROOT)
            .replaceAll("[\\s^{}]", "")
            .replace('²', '2')
            .replace('³', '3');
    String single = unit.equals("inches") ? "inch" : unit.replaceAll("s$", "");
    return UNITS.getOrDefault(unit, UNITS.getOrDefault(single, NONE));
  }
}
