package org.embedllm.correctness;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Groups models that go by one name, such as `Llama-2-7b` and `Meta-Llama-3-8B`: a guess at which
/// are related, from the names alone.
///
/// A name's family is its first word, in lower case and without the part before the last `/`; where
/// a later word is the first word of another name, that word. Words are runs of letters.
public final class ModelFamilies {
  private ModelFamilies() {}

  /// Families by name, each with the rows of its models, in the order of the list.
  ///
  /// @param models names
  public static Map<String, List<Integer>> of(List<String> models) {
    List<List<String>> words = models.stream().map(ModelFamilies::words).toList();
    Set<String> first = new HashSet<>();
    words.forEach(w -> first.add(w.getFirst()));
    Map<String, List<Integer>> families = new TreeMap<>();
    for (int i = 0; i < models.size(); i++) {
      List<String> own = words.get(i);
      String family =
          own.stream()
              .skip(1)
              .filter(word -> word.length() > 1 && first.contains(word))
              .findFirst()
              .orElse(own.getFirst());
      families.computeIfAbsent(family, f -> new ArrayList<>()).add(i);
    }
    return new LinkedHashMap<>(families);
  }

  private static List<String> words(String model) {
    String name = model.substring(model.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    List<String> words =
        java.util.Arrays.stream(name.split("\\P{L}+")).filter(word -> !word.isEmpty()).toList();
    return words.isEmpty() ? List.of(name) : words;
  }
}
