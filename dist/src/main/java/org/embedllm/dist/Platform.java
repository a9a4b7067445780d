package org.embedllm.dist;

import java.util.Locale;
import java.util.regex.Pattern;

/// A platform with native libraries, and how their folders and files are named in the jars.
enum Platform {
  LINUX_X86_64("linux-x86_64", "linux-x64/|linux-x86_64/|linux-x86-64/|Linux/x86_64/|linux_amd64"),
  LINUX_AARCH64("linux-aarch64", "linux-aarch64/|Linux/aarch64/|Linux/arm64/|linux_arm64"),
  MACOS_AARCH64(
      "macos-aarch64", "osx-aarch64/|darwin-aarch64/|Mac/aarch64/|Mac/arm64/|macos_arm64"),
  WINDOWS_X86_64(
      "windows-x86_64", "win-x64/|win-x86_64/|win32-x86-64/|Windows/x86_64/|windows_amd64");

  private static final Pattern NATIVE =
      Pattern.compile(
          "\\.(so|dll|dylib|jnilib|a)$|libduckdb_java\\.so_|\\.dSYM/", Pattern.CASE_INSENSITIVE);

  private final String id;
  private final Pattern own;

  Platform(String id, String own) {
    this.id = id;
    this.own = Pattern.compile(own);
  }

  /// The platform that this program runs on.
  static Platform current() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    boolean arm = System.getProperty("os.arch", "").equals("aarch64");
    if (os.startsWith("windows")) {
      return WINDOWS_X86_64;
    }
    if (os.startsWith("mac")) {
      return MACOS_AARCH64;
    }
    return arm ? LINUX_AARCH64 : LINUX_X86_64;
  }

  /// As archives are named.
  String id() {
    return id;
  }

  /// Whether a jar keeps an entry on this platform: all but native libraries of others.
  ///
  /// @param entry name of the entry
  boolean keeps(String entry) {
    return !NATIVE.matcher(entry).find() || (own.matcher(entry).find() && !isDebug(entry));
  }

  /// Debug symbols, which no program loads.
  static boolean isDebug(String entry) {
    return entry.contains(".dSYM/");
  }
}
