@echo off
rem Starts EmbedLLM for Java from an unpacked archive. Needs Java 25 or later: JAVA_HOME, or java on the PATH.
setlocal
set "HOME_DIR=%~dp0.."
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java.exe"
if exist "%HOME_DIR%\runtime\bin\java.exe" set "JAVA=%HOME_DIR%\runtime\bin\java.exe"
rem The heap of commands that compute may take 60 % of the memory.
set "MEMORY=-XX:MaxRAMPercentage=60 -XX:MinHeapFreeRatio=20 -XX:GCTimeRatio=1"
if "%~1"=="" set "MEMORY="
for %%c in (route forecast similar models inspect completion help --help -h --version -V) do if "%~1"=="%%c" set "MEMORY="
"%JAVA%" -XX:-UsePerfData -Xlog:disable -Xlog:all=warning:stderr --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow --add-modules jdk.incubator.vector %MEMORY% %EMBEDLLM_JAVA_OPTIONS% -Dstdout.encoding=UTF-8 -jar "%HOME_DIR%\lib\embedllm.jar" %*
exit /b %ERRORLEVEL%
