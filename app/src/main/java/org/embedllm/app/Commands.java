package org.embedllm.app;

import java.util.List;
import org.embedllm.app.cli.AddCommand;
import org.embedllm.app.cli.BenchmarkCommand;
import org.embedllm.app.cli.CommandEntry;
import org.embedllm.app.cli.EncodeCommand;
import org.embedllm.app.cli.EvaluateCommand;
import org.embedllm.app.cli.ExperimentCommand;
import org.embedllm.app.cli.ExportCommand;
import org.embedllm.app.cli.ForecastCommand;
import org.embedllm.app.cli.ImportCommand;
import org.embedllm.app.cli.InspectCommand;
import org.embedllm.app.cli.LearnCommand;
import org.embedllm.app.cli.ModelsCommand;
import org.embedllm.app.cli.PlanCommand;
import org.embedllm.app.cli.RouteCommand;
import org.embedllm.app.cli.SimilarCommand;
import org.embedllm.app.cli.TrainCommand;
import org.embedllm.app.cli.TuneCommand;
import org.embedllm.app.quickstart.QuickstartCommand;
import org.embedllm.app.quickstart.RehearsalCommand;
import org.embedllm.app.quickstart.SampleDemo;
import org.embedllm.app.serve.ServeCommand;
import org.embedllm.app.web.ExploreCommand;

/// The commands, in the order of the help text. A new command is one more line here: `new
/// CommandEntry("train", TrainCommand::new)`.
final class Commands {
  static final List<CommandEntry> ALL =
      List.of(
          new CommandEntry("quickstart", () -> new QuickstartCommand(() -> Commands.ALL)),
          new CommandEntry("import", ImportCommand::new),
          new CommandEntry("encode", EncodeCommand::new),
          new CommandEntry("train", TrainCommand::new),
          new CommandEntry("tune", TuneCommand::new),
          new CommandEntry("evaluate", EvaluateCommand::new),
          new CommandEntry("forecast", ForecastCommand::new),
          new CommandEntry("route", RouteCommand::new),
          new CommandEntry("similar", SimilarCommand::new),
          new CommandEntry("models", ModelsCommand::new),
          new CommandEntry("inspect", InspectCommand::new),
          new CommandEntry("benchmark", BenchmarkCommand::new),
          new CommandEntry("experiment", ExperimentCommand::new),
          new CommandEntry("export", ExportCommand::new),
          new CommandEntry("serve", () -> new ServeCommand(new SampleDemo(() -> Commands.ALL))),
          new CommandEntry("explore", ExploreCommand::new),
          new CommandEntry("add", AddCommand::new),
          new CommandEntry("plan", PlanCommand::new),
          new CommandEntry("learn", LearnCommand::new),
          new CommandEntry("rehearse", () -> new RehearsalCommand(() -> Commands.ALL)));

  private Commands() {}
}
