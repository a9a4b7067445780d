package org.embedllm.app.cli;

import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// What the web server logs through the Java platform goes where everything else goes.
public final class PlatformLogs {
  private PlatformLogs() {}

  public static void toSlf4j() {
    // Set up first: what is logged meanwhile would be replayed with a warning.
    LoggerFactory.getILoggerFactory();
    LogManager.getLogManager().reset();
    SLF4JBridgeHandler.install();
  }
}
