# Third-party libraries

The libraries that the program ships with, and their licenses as their authors state them. `mvn -Prelease package`
writes this file.

| library | version | license |
|---|---|---|
<#list dependencyMap as entry>
<#assign p = entry.getKey()>
| [${p.groupId}:${p.artifactId}](https://central.sonatype.com/artifact/${p.groupId}/${p.artifactId}) | ${p.version} | ${entry.getValue()?join("; ")} |
</#list>
