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
      description = "Base URL of the server of a judge, for --scorer judge.")
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

  /// The scoring of a run, and the client of its judge, to be closed with it.
  record Chosen(AnswerScoring scoring, Optional<ChatClient> judge) implements AutoCloseable {
    Optional<JudgeAgreement.Counter> agreement() {
      return scoring instanceof AnswerScoring.Judged judged
          ? Optional.of(judged.agreement())
          : Optional.empty();
    }

    @Override
    public void close() {
      judge.ifPresent(ChatClient::close);
    }
  }

  /// @throws BadInputException where the options do not fit together
  Chosen choose() throws IOException {
    if (!"judge".equals(scorer)) {
      if (judge != null || judgeName != null) {
        throw BadInputException.of("--judge is asked with --scorer judge only: add it");
      }
      AnswerScoring scoring =
          scorer == null
              ? new AnswerScoring.OfReferences()
              : new AnswerScoring.Same(AnswerScorers.parse(scorer));
      return new Chosen(scoring, Optional.empty());
    }
    if (judge == null || judgeName == null) {
      throw BadInputException.of("--scorer judge needs --judge URL and --judge-name NAME");
    }
    ChatClient client =
        new ChatClient(
            new ChatEndpoint(
                ChatEndpoint.url("--judge", judge),
                judgeName,
                judgeName,
                UpstreamFlags.key("--judge-key-env", judgeKey),
                Map.of(),
                Optional.empty(),
                AskCommand.MOST_CONCURRENT,
                OptionalDouble.empty()),
            OptionalInt.empty());
    Judge asked =
        new Judge(
            (system, user) -> client.ask(system, user).text(),
            rubric == null ? Judge.RUBRIC : words(rubric));
    return new Chosen(
        new AnswerScoring.Judged(asked, new JudgeAgreement.Counter(), COMPARED),
        Optional.of(client));
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
