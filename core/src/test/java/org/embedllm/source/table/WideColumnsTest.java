package org.embedllm.source.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WideColumnsTest {
  @ParameterizedTest
  @CsvSource({
    "gpt-4, gpt-*, true",
    "gpt-4, *, true",
    "gpt-4, *-4, true",
    "gpt-4, g*t*4, true",
    "gpt-4, gpt-4, true",
    "gpt-4, gpt-4*, true",
    "gpt-4, gpt, false",
    "gpt-4, *5, false",
    "gpt-4, gpt-4?, false",
    "a.b, a*c, false",
    "aab, *ab, true",
    "abab, *ab, true",
  })
  void find_byAPattern_takesNamesThatFit(String name, String pattern, boolean fits) {
    assertThat(WideColumns.find(List.of("id", name), List.of(pattern)).stream())
        .extracting(WideColumns::model)
        .filteredOn(name::equals)
        .hasSize(fits ? 1 : 0);
  }

  /// Matching it by trying all ways would not end.
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void find_nameOfAThousandStars_ends() {
    String stars = "*a".repeat(1_000);
    assertThat(WideColumns.find(List.of(stars + "x", "a".repeat(1_000) + "y"), List.of(stars)))
        .isEmpty();
  }
}
