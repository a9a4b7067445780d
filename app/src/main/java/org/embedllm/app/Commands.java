package org.embedllm.app;

import java.util.List;
import org.embedllm.app.ask.AskCommand;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.TextTable;
import org.embedllm.app.command.AddCommand;
import org.embedllm.app.command.BenchmarkCommand;
import org.embedllm.app.command.CacheCommand;
import org.embedllm.app.command.CompletionCommand;
import org.embedllm.app.command.EncodeCommand;
import org.embedllm.app.command.EvaluateCommand;
import org.embedllm.app.command.ExperimentCommand;
import org.embedllm.app.command.ExploreCommand;
import org.embedllm.app.command.ExportCommand;
import org.embedllm.app.command.ForecastCommand;
import org.embedllm.app.command.ImportCommand;
import org.embedllm.app.command.InspectCommand;
import org.embedllm.app.command.KeyCommand;
import org.embedllm.app.command.LearnCommand;
import org.embedllm.app.command.ModelsCommand;
import org.embedllm.app.command.PlanCommand;
import org.embedllm.app.command.QuickstartCommand;
import org.embedllm.app.command.RehearsalCommand;
import org.embedllm.app.command.RouteCommand;
import org.embedllm.app.command.ServeCommand;
import org.embedllm.app.command.SimilarCommand;
import org.embedllm.app.command.TrainCommand;
import org.embedllm.app.command.TuneCommand;
import org.embedllm.app.quickstart.SampleDemo;
import org.embedllm.app.replay.ReplayCommand;
import org.embedllm.app.replay.ReportCommand;
import org.embedllm.app.task.ModelInput;
import org.embedllm.app.task.PromptEncoder;

/// The commands, in the order of the help text. A new command is one more line here: `new
/// CommandEntry("train", TrainCommand::new)`.
final class Commands {
  /// What commands that look at a model file need.
  private static final List<Runnable> LOOK = List.of(ModelInput::prepare, TextTable::prepare);

  /// What commands that answer a prompt need.
  private static final List<Runnable> ANSWER =
      List.of(PromptEncoder::prepare, ModelInput::prepare, TextTable::prepare);

  static final List<CommandEntry> ALL =
      List.of(
          new CommandEntry("quickstart", () -> new QuickstartCommand(() -> Commands.ALL)),
          new CommandEntry("import", ImportCommand::new),
          new CommandEntry("encode", EncodeCommand::new),
          new CommandEntry("train", TrainCommand::new),
          new CommandEntry("tune", TuneCommand::new),
          new CommandEntry("evaluate", EvaluateCommand::new),
          new CommandEntry("forecast", ForecastCommand::new, ANSWER),
          new CommandEntry("route", RouteCommand::new, ANSWER),
          new CommandEntry("similar", SimilarCommand::new, LOOK),
          new CommandEntry("models", ModelsCommand::new, LOOK),
          new CommandEntry("inspect", InspectCommand::new, LOOK),
          new CommandEntry("benchmark", BenchmarkCommand::new),
          new CommandEntry("experiment", ExperimentCommand::new),
          new CommandEntry("export", ExportCommand::new),
          new CommandEntry("serve", () -> new ServeCommand(new SampleDemo(() -> Commands.ALL))),
          new CommandEntry("key", KeyCommand::new),
          new CommandEntry("explore", ExploreCommand::new),
          new CommandEntry("add", AddCommand::new),
          new CommandEntry("plan", PlanCommand::new),
          new CommandEntry("ask", () -> new AskCommand(() -> Commands.ALL)),
          new CommandEntry("learn", LearnCommand::new),
          new CommandEntry("replay", ReplayCommand::new),
          new CommandEntry("report", ReportCommand::new),
          new CommandEntry("cache", CacheCommand::new),
          new CommandEntry("spark", SparkCommand::new),
          new CommandEntry("completion", () -> new CompletionCommand(() -> Commands.ALL)),
          new CommandEntry("rehearse", () -> new RehearsalCommand(Main.class, () -> Commands.ALL)));

  private Commands() {}
}
