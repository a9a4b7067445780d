package org.embedllm.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.List;
import org.embedllm.app.command.TrainCommand;
import org.embedllm.app.command.TuneCommand;
import org.embedllm.factorization.TrainingOptions;
import org.embedllm.neighbors.NeighborCountChoice;
import org.junit.jupiter.api.Test;

/// What the help says a default is, is the default.
class HelpTest {
  private static String help(CommandEntry entry) {
    StringWriter out = new StringWriter();
    Program program =
        new Program(List.of(entry), new PrintWriter(out), new PrintWriter(new StringWriter()));
    assertThat(program.run(entry.name(), "--help")).isZero();
    return out.toString().replaceAll("\\s+", " ");
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  @Test
  void train_help_hasTheDefaultsOfTheTrainingOptions() {
    TrainingOptions usual = TrainingOptions.DEFAULT;
    TrainingOptions published = TrainingOptions.PUBLISHED;
    assertThat(published)
        .isEqualTo(
            usual
                .withLearningRate(published.learningRate())
                .withBatchQuestions(published.batchQuestions())
                .withOrder(published.order()));
    assertThat(help(new CommandEntry("train", TrainCommand::new)))
        .contains("Length d of a model's vector. Default: " + usual.dimension() + ".")
        .contains("Passes over the questions. Default: " + usual.epochs() + ".")
        .contains(
            "Default: %s; %s with --published."
                .formatted(plain(usual.learningRate()), plain(published.learningRate())))
        .contains("Questions a step. Default: %d; with".formatted(usual.batchQuestions()))
        .contains("noise on question vectors. Default: " + plain(usual.noise()) + ".")
        .contains("L2 in the gradient. Default: " + plain(usual.weightDecay()) + ".");
  }

  @Test
  void tune_help_saysHowManyNeighborsAreTried() {
    List<Integer> tried = NeighborCountChoice.CANDIDATES;
    assertThat(help(new CommandEntry("tune", TuneCommand::new)))
        .contains(
            "Default: %d values from %d to %d."
                .formatted(tried.size(), tried.getFirst(), tried.getLast()));
  }
}
