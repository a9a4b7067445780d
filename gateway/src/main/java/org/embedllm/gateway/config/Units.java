package org.embedllm.gateway.config;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Numbers, times and sizes as people write them; empty where a text is none. Durations are those
/// of `java.time`, and each value is printed as it is read. These are two short patterns; a library
/// of units would be one more dependency with types of its own.
public final class Units {
  private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(ms|s|m|h|d)");
  private static final Pattern SIZE =
      Pattern.compile("(\\d+)\\s*(B|KB|KiB|MB|MiB|GB|GiB)?", Pattern.CASE_INSENSITIVE);

  private Units() {}

  static Optional<Long> whole(String text) {
    try {
      return Optional.of(Long.parseLong(text.replace("_", "")));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  static Optional<Double> decimal(String text) {
    try {
      double value = Double.parseDouble(text);
      return Double.isFinite(value) ? Optional.of(value) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// A duration such as `30d`; empty where the text is none.
  public static Optional<Duration> time(String text) {
    if (text.equals("0")) {
      return Optional.of(Duration.ZERO);
    }
    Matcher m = DURATION.matcher(text);
    if (!m.matches() || m.group(1).length() > 9) {
      return Optional.empty();
    }
    long n = Long.parseLong(m.group(1));
    return Optional.of(
        switch (m.group(2)) {
          case "ms" -> Duration.ofMillis(n);
          case "s" -> Duration.ofSeconds(n);
          case "m" -> Duration.ofMinutes(n);
          case "h" -> Duration.ofHours(n);
          default -> Duration.ofDays(n);
        });
  }

  /// A moment such as `2027-01-31T00:00:00Z`, or a day, which begins at midnight UTC.
  public static Optional<Instant> instant(String text) {
    try {
      return Optional.of(
          text.contains("T")
              ? Instant.parse(text)
              : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /// A duration in its largest whole unit, as [#time] reads it.
  public static String plain(Duration time) {
    long millis = time.toMillis();
    String[] units = {"d", "h", "m", "s"};
    long[] sizes = {86_400_000, 3_600_000, 60_000, 1_000};
    for (int i = 0; i < sizes.length; i++) {
      if (millis > 0 && millis % sizes[i] == 0) {
        return millis / sizes[i] + units[i];
      }
    }
    return millis + "ms";
  }

  static Optional<Long> size(String text) {
    Matcher m = SIZE.matcher(text);
    if (!m.matches() || m.group(1).length() > 9) {
      return Optional.empty();
    }
    String unit = m.group(2) == null ? "b" : m.group(2).toLowerCase(Locale.ROOT);
    return Optional.of(
        Long.parseLong(m.group(1))
            * switch (unit) {
              case "kb", "kib" -> 1L << 10;
              case "mb", "mib" -> 1L << 20;
              case "gb", "gib" -> 1L << 30;
              default -> 1L;
            });
  }

  /// The largest unit that leaves a whole number.
  static String plainSize(long bytes) {
    if (bytes % (1L << 30) == 0) {
      return (bytes >> 30) + "GiB";
    }
    return bytes % (1L << 20) == 0 ? (bytes >> 20) + "MiB" : (bytes >> 10) + "KiB";
  }

  /// A number without needless decimals.
  public static String plain(double value) {
    return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
  }
}
