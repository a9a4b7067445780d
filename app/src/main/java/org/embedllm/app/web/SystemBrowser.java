package org.embedllm.app.web;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Locale;

/// The system's browser.
public final class SystemBrowser {
  private SystemBrowser() {}

  /// Opens an address; does nothing where there is no desktop.
  public static void open(URI address) {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String display = System.getenv().getOrDefault("DISPLAY", "");
    String wayland = System.getenv().getOrDefault("WAYLAND_DISPLAY", "");
    List<String> command;
    if (system.contains("mac")) {
      command = List.of("open", address.toString());
    } else if (system.contains("windows")) {
      command = List.of("rundll32", "url.dll,FileProtocolHandler", address.toString());
    } else if (display.isEmpty() && wayland.isEmpty()) {
      return;
    } else {
      command = List.of("xdg-open", address.toString());
    }
    try {
      new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      // The address is printed on the console.
      return;
    }
  }
}
