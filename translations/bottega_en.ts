<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>CurveSummary</name>
    <message numerus="yes">
        <source>%1 has %n points, none of them a finite number</source>
        <translation>
            <numerusform>%1 has %n point, not a finite number</numerusform>
            <numerusform>%1 has %n points, none of them a finite number</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1; %n values are not finite numbers</source>
        <translation>
            <numerusform>%1; %n value is not a finite number</numerusform>
            <numerusform>%1; %n values are not finite numbers</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::ArchiveTransfer</name>
    <message numerus="yes">
        <source>Exported %n run(s)</source>
        <translation>
            <numerusform>Exported %n run</numerusform>
            <numerusform>Exported %n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n link(s) or special file(s) left out</source>
        <translation>
            <numerusform>%n link or special file left out</numerusform>
            <numerusform>%n links or special files left out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Imported %n run(s), model(s) and data set(s)</source>
        <translation>
            <numerusform>Imported %n run, model or data set</numerusform>
            <numerusform>Imported %n runs, models and data sets</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n there already</source>
        <translation>
            <numerusform>%n there already</numerusform>
            <numerusform>%n there already</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::ArtifactPreview</name>
    <message numerus="yes">
        <source>%n array(s)</source>
        <translation>
            <numerusform>%n array</numerusform>
            <numerusform>%n arrays</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::ArtifactsView</name>
    <message numerus="yes">
        <source>%n files and folders are chosen.</source>
        <translation>
            <numerusform>%n file or folder is chosen.</numerusform>
            <numerusform>%n files and folders are chosen.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::ChartPanel</name>
    <message numerus="yes">
        <source>%1: %n values are NaN or infinite, the first at step %2</source>
        <translation>
            <numerusform>%1: %n value is NaN or infinite, at step %2</numerusform>
            <numerusform>%1: %n values are NaN or infinite, the first at step %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::DataPage</name>
    <message numerus="yes">
        <source>%1 was imported: %Ln training image(s).</source>
        <translation>
            <numerusform>%1 was imported: %Ln training image.</numerusform>
            <numerusform>%1 was imported: %Ln training images.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::DatasetCard</name>
    <message numerus="yes">
        <source>%Ln training image(s)</source>
        <translation>
            <numerusform>%Ln training image</numerusform>
            <numerusform>%Ln training images</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln test image(s)</source>
        <translation>
            <numerusform>%Ln test image</numerusform>
            <numerusform>%Ln test images</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln class(es)</source>
        <translation>
            <numerusform>%Ln class</numerusform>
            <numerusform>%Ln classes</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::Download</name>
    <message numerus="yes">
        <source>%n file(s) were saved</source>
        <translation>
            <numerusform>%n file was saved</numerusform>
            <numerusform>%n files were saved</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::ImportDialog</name>
    <message numerus="yes">
        <source>%n files in %1</source>
        <translation>
            <numerusform>%n file in %1</numerusform>
            <numerusform>%n files in %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::JobForm</name>
    <message numerus="yes">
        <source>%n processor(s), %1 of memory</source>
        <translation>
            <numerusform>%n processor, %1 of memory</numerusform>
            <numerusform>%n processors, %1 of memory</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n optimizer step(s) on %1 (%2 images)</source>
        <translation>
            <numerusform>%n optimizer step on %1 (%2 images)</numerusform>
            <numerusform>%n optimizer steps on %1 (%2 images)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::LogSearch</name>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n found</numerusform>
            <numerusform>%n found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::MainWindow</name>
    <message numerus="yes">
        <source>%n live run(s) · they go on when Bottega is closed</source>
        <translation>
            <numerusform>%n live run · it goes on when Bottega is closed</numerusform>
            <numerusform>%n live runs · they go on when Bottega is closed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::ModelDetails</name>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::RateCurve</name>
    <message numerus="yes">
        <source>%n epoch(s)</source>
        <translation>
            <numerusform>%n epoch</numerusform>
            <numerusform>%n epochs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::RecipeParams</name>
    <message numerus="yes">
        <source>%n changed</source>
        <comment>number of parameters</comment>
        <translation>
            <numerusform>%n changed</numerusform>
            <numerusform>%n changed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::RunDetails</name>
    <message numerus="yes">
        <source>last %1, best %2 at step %3, %n point(s)</source>
        <translation>
            <numerusform>last %1, best %2 at step %3, %n point</numerusform>
            <numerusform>last %1, best %2 at step %3, %n points</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::RunsModel</name>
    <message numerus="yes">
        <source>%n live</source>
        <comment>runs of an experiment</comment>
        <translation>
            <numerusform>%n live</numerusform>
            <numerusform>%n live</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <comment>of an experiment</comment>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::TrashDialog</name>
    <message numerus="yes">
        <source>%n thing(s); emptying gives back %1.</source>
        <translation>
            <numerusform>%n thing; emptying gives back %1.</numerusform>
            <numerusform>%n things; emptying gives back %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Delete %n thing(s) permanently?</source>
        <translation>
            <numerusform>Delete %n thing permanently?</numerusform>
            <numerusform>Delete %n things permanently?</numerusform>
        </translation>
    </message>
</context>
</TS>
