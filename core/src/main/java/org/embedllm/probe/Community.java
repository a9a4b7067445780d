package org.embedllm.probe;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// A group of models given by keywords in their names.
///
/// A name is cut into words at every character that is neither a letter nor a digit, except a point
/// between digits: `Llama-2-7b-hf` has the word `7b`, `Qwen-1.7B` and `Mixtral-8x7B` have not. A
/// keyword matches a whole word, ignoring case; `*` matches any letters and digits.
///
/// @param name its name
/// @param keywords any of them makes a member
public record Community(String name, List<String> keywords) {
  private static final Pattern BETWEEN_WORDS =
      Pattern.compile("[^\\p{L}\\p{Nd}.]+|(?<!\\p{Nd})\\.|\\.(?!\\p{Nd})");
  private static final Pattern KEYWORD = Pattern.compile("[\\p{L}\\p{Nd}.*]+");

  /// The six communities of Zhuang et al. (2025), §6.1.
  public static final List<Community> PAPER =
      List.of(
          new Community("7B", List.of("7b")),
          new Community("13B", List.of("13b")),
          new Community("70B", List.of("70b")),
          new Community("Coding", List.of("*code*", "*coding*")),
          new Community("Bio/Med", List.of("bio*", "med", "medicine", "meditron*", "medical")),
          new Community("Physics", List.of("physics")));

  public Community {
    keywords = List.copyOf(keywords);
    for (String keyword : keywords) {
      if (!KEYWORD.matcher(keyword).matches()) {
        throw new IllegalArgumentException(
            "a keyword is one word of letters, digits and *; got \"" + keyword + "\"");
      }
    }
  }

  /// Whether a model belongs to it.
  public boolean contains(String model) {
    return Arrays.stream(BETWEEN_WORDS.split(model.toLowerCase(Locale.ROOT)))
        .anyMatch(word ->
            keywords.stream().anyMatch(keyword -> wildcards(keyword).matcher(word).matches()));
  }

  /// Rows of its members, ascending.
  public int[] members(List<String> models) {
    return IntStream.range(0, models.size()).filter(i -> contains(models.get(i))).toArray();
  }

  private static Pattern wildcards(String keyword) {
    String[] parts = keyword.toLowerCase(Locale.ROOT).split("\\*", -1);
    return Pattern.compile(String.join(".*", Arrays.stream(parts).map(Pattern::quote).toList()));
  }
}
