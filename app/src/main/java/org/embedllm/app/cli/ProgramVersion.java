package org.embedllm.app.cli;

import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/// The version in the jar's manifest.
public final class ProgramVersion implements IVersionProvider {
  /// The program's version, or `development` when it runs from a class folder.
  public static String text() {
    return Optional.ofNullable(ProgramVersion.class.getPackage().getImplementationVersion())
        .orElse("development");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "embedllm " + text(), "Java " + Runtime.version() + ", " + System.getProperty("os.name")
    };
  }
}
