# Third-party libraries

The libraries that the program ships with, and their licenses as their authors state them. Made by
`mvn -Pthird-party -DskipTests -pl core,onnx,gateway,app package`.

| library | version | license |
|---|---|---|
<#list dependencyMap as e>
<#assign project = e.getKey()>
<#assign licenses = e.getValue()>
| [${project.groupId}:${project.artifactId}](${(project.url)!"https://central.sonatype.com/artifact/" + project.groupId + "/" + project.artifactId}) | ${project.version} | <#list licenses as license>${license}<#if license_has_next>; </#if></#list> |
</#list>
