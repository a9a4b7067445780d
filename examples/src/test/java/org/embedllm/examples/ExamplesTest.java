package org.embedllm.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.routing.RoutingPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {
  @TempDir private Path folder;

  /// Two models: one knows birds, the other knows numbers.
  private Path answers() throws IOException {
    StringBuilder csv = new StringBuilder("model_name,prompt,label\n");
    for (int k = 1; k <= 40; k++) {
      String bird = "Which bird sings song number " + k + " at dawn in the old forest?";
      String sum = "What is the sum of " + k + " and " + (3 * k + 1) + "?";
      csv.append("ornithologist,").append(bird).append(",1\n");
      csv.append("ornithologist,").append(sum).append(",0\n");
      csv.append("accountant,").append(bird).append(",0\n");
      csv.append("accountant,").append(sum).append(",1\n");
    }
    return Files.writeString(folder.resolve("answers.csv"), csv);
  }

  @Test
  void routerTrainedOnATable_sendsPromptsToWhoKnows() throws IOException {
    Path model = folder.resolve("pool.safetensors");
    TrainRouter.train(answers(), model, TrainingOptions.DEFAULT.withDimension(16));
    try (RoutePrompts routes = new RoutePrompts(model, new RoutingPolicy.Best())) {
      assertThat(routes.route("What is the sum of 91 and 17?").model()).isEqualTo("accountant");
      assertThat(routes.route("Which bird sings in the forest at night?").model())
          .isEqualTo("ornithologist");
    }
  }
}
