package org.embedllm.app.ask;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.embedllm.scoring.AnswerScorers;
import org.embedllm.scoring.Judge;
import org.embedllm.scoring.JudgeAgreement;
import org.embedllm.source.file.SourceFile;
import org.embedllm.storage.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How answers are scored.
final class ScoringFlags {
  private static final int COMPARED = 30; // answers with which the judge's agreement is measured

  @Option(
      names = "--scorer",
      paramLabel = "NAME",
      description = {
        "choice, number, number:TOLERANCE, exact, contains, regex:PATTERN, json or judge.",
        "Default: each question's own: choice where the right answer is one of its options,"
            + " number where it is one, else exact."
      })
  private @Nullable String scorer;

  @Option(
      names = "--judge",
      paramLabel = "URL",
      description = "Base URL of the server of a judge, for --scorer judge and --pairs.")
  private @Nullable String judge;

  @Option(
      names = "--judge-name",
      paramLabel = "NAME",
      description = "The judge's name on its server.")
  private @Nullable String judgeName;

  @Option(
      names = "--judge-key-env",
      paramLabel = "VAR",
      description = "Environment variable with the key of the judge's server.")
  private @Nullable String judgeKey;

  @Option(
      names = "--pairs",
      paramLabel = "K",
      description =
          "With --all: the judge also compares K pairs of answers to each prompt, in both orders."
              + " They become votes.")
  private int pairs;

  @Option(
      names = "--rubric",
      paramLabel = "FILE",
      description = "What gives how many of 10 points, for the judge.")
  private @Nullable Path rubric;

  @Option(
      names = "--instruction",
      paramLabel = "TEXT",
      description =
          "What the model is told beside the question. Default: the form that the scorer reads."
              + " Empty for nothing.")
  private @Nullable String instruction;

  /// The scoring of a run, and its judge, to be closed with it.
  ///
  /// @param pairs of answers to each prompt that the judge compares
  record Chosen(AnswerScoring scoring, Optional<JudgeCalls> judge, int pairs)
      implements AutoCloseable {
    Optional<JudgeAgreement.Counter> agreement() {
      return scoring instanceof AnswerScoring.Judged judged
          ? Optional.of(judged.agreement())
          : Optional.empty();
    }

    /// Whether answers to a question can be scored or compared.
    boolean takes(AskedQuestion asked) {
      return pairs > 0 || scoring.takes(asked);
    }

    @Override
    public void close() {
      judge.ifPresent(JudgeCalls::close);
    }
  }

  /// @param several whether several models are asked
  /// @param upstream the prices, for what the judge costs
  /// @throws BadInputException where the options do not fit together
  Chosen choose(boolean several, UpstreamFlags upstream) throws IOException {
    boolean judged = "judge".equals(scorer);
    if (pairs < 0 || (pairs > 0 && !several)) {
      throw BadInputException.of(
          "--pairs needs the answers of several models, and at least 1 pair: give it with --all");
    }
    if (!judged && pairs == 0 && (judge != null || judgeName != null)) {
      throw BadInputException.of("--judge is asked with --scorer judge or --pairs only: add one");
    }
    if ((judged || pairs > 0) && (judge == null || judgeName == null)) {
      throw BadInputException.of(
          "%s needs --judge URL and --judge-name NAME"
              .formatted(judged ? "--scorer judge" : "--pairs"));
    }
    Optional<JudgeCalls> calls =
        judge == null || judgeName == null
            ? Optional.empty()
            : Optional.of(calls(judge, judgeName, upstream));
    AnswerScoring scoring =
        judged
            ? new AnswerScoring.Judged(calls.orElseThrow(), new JudgeAgreement.Counter(), COMPARED)
            : scorer == null
                ? new AnswerScoring.OfReferences()
                : new AnswerScoring.Same(AnswerScorers.parse(scorer));
    return new Chosen(scoring, calls, pairs);
  }

  private JudgeCalls calls(String url, String name, UpstreamFlags upstream) throws IOException {
    ChatEndpoint endpoint =
        new ChatEndpoint(
            ChatEndpoint.url("--judge", url),
            name,
            name,
            UpstreamFlags.key("--judge-key-env", judgeKey),
            Map.of(),
            upstream.judgePrice(name),
            AskCommand.MOST_CONCURRENT,
            OptionalDouble.empty());
    return new JudgeCalls(
        new ChatClient(endpoint, OptionalInt.empty()),
        rubric == null ? Judge.RUBRIC : words(rubric));
  }

  Optional<String> judgeName() {
    return Optional.ofNullable(judgeName);
  }

  Optional<String> instruction() {
    return Optional.ofNullable(instruction);
  }

  private static String words(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw SourceFile.failed(file, 0, e);
    }
  }
}
