package org.embedllm.app.quickstart;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// The invented models of the sample, from `families.csv`: a family's strength at each skill, and
/// the sizes it comes in.
///
/// Ability at a skill = the family's strength + 0.3 × log2(size / 8 billion) + the model's own N(0,
/// 0.3).
final class SimulatedPool {
  private static final double GAIN_PER_DOUBLING = 0.3;
  private static final double REFERENCE_BILLIONS = 8;
  private static final double OWN_TASTE = 0.3;

  private SimulatedPool() {}

  /// The family in a model's name.
  ///
  /// @param model such as `sim-pine-32b`
  static String familyOf(String model) {
    return model.split("-")[1];
  }

  /// The models, family after family; the same seed gives the same models.
  static List<SimulatedModel> generate(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<SimulatedModel> models = new ArrayList<>();
    List<NamedCsvRecord> families =
        CsvReader.builder().ofNamedCsvRecord(SampleResources.text("families.csv")).stream()
            .toList();
    for (NamedCsvRecord family : families) {
      for (String size : family.getField("billions").split(" ")) {
        double billions = Double.parseDouble(size);
        double gain = GAIN_PER_DOUBLING * Math.log(billions / REFERENCE_BILLIONS) / Math.log(2);
        Map<String, Double> ability = new HashMap<>();
        for (String skill : SampleQuestions.SKILLS) {
          ability.put(
              skill,
              Double.parseDouble(family.getField(skill))
                  + gain
                  + OWN_TASTE * random.nextGaussian());
        }
        String name = "sim-%s-%sb".formatted(family.getField("family"), size);
        models.add(new SimulatedModel(name, family.getField("family"), billions, ability));
      }
    }
    return List.copyOf(models);
  }
}
