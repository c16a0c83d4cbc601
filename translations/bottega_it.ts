<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="it" sourcelanguage="en">
<context>
    <name>CurveSummary</name>
    <message>
        <source>%1 has no points yet</source>
        <translation>%1 non ha ancora punti</translation>
    </message>
    <message numerus="yes">
        <source>%1 has %n points, none of them a finite number</source>
        <translation>
            <numerusform>%1 ha %n punto, e non è un numero finito</numerusform>
            <numerusform>%1 ha %n punti, nessuno dei quali è un numero finito</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 is best at its start, %2 at step %3</source>
        <translation>%1 è migliore all&apos;inizio, %2 al passo %3</translation>
    </message>
    <message>
        <source>%1 falls to %2 at step %3, best</source>
        <translation>%1 scende a %2 al passo %3, migliore</translation>
    </message>
    <message>
        <source>%1 rises to %2 at step %3, best</source>
        <translation>%1 sale a %2 al passo %3, migliore</translation>
    </message>
    <message>
        <source>%1; flat since, now %2</source>
        <translation>%1; poi piatta, ora %2</translation>
    </message>
    <message>
        <source>%1; higher since, now %2</source>
        <translation>%1; poi più alta, ora %2</translation>
    </message>
    <message>
        <source>%1; lower since, now %2</source>
        <translation>%1; poi più bassa, ora %2</translation>
    </message>
    <message numerus="yes">
        <source>%1; %n values are not finite numbers</source>
        <translation>
            <numerusform>%1; %n valore non è un numero finito</numerusform>
            <numerusform>%1; %n valori non sono numeri finiti</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::AboutBox</name>
    <message>
        <source>About Bottega</source>
        <translation>Informazioni su Bottega</translation>
    </message>
    <message>
        <source>Bottega %1</source>
        <translation>Bottega %1</translation>
    </message>
    <message>
        <source>A native studio for training experiments. No server, no account, no browser.

The studio is free software under the GNU General Public License, version 3 or later. It is built with Qt %1.</source>
        <translation>Uno studio nativo per esperimenti di addestramento. Nessun server, nessun account, nessun browser.

Lo studio è software libero sotto la GNU General Public License, versione 3 o successiva. È costruito con Qt %1.</translation>
    </message>
</context>
<context>
    <name>bottega::ArchiveTransfer</name>
    <message>
        <source>Cancel</source>
        <translation>Annulla</translation>
    </message>
    <message>
        <source>Export to an archive</source>
        <translation>Esporta in un archivio</translation>
    </message>
    <message>
        <source>Archives (*.bottega)</source>
        <translation>Archivi (*.bottega)</translation>
    </message>
    <message>
        <source>Exporting…</source>
        <translation>Esportazione in corso…</translation>
    </message>
    <message numerus="yes">
        <source>Exported %n run(s)</source>
        <translation>
            <numerusform>%n run esportato</numerusform>
            <numerusform>%n run esportati</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n link(s) or special file(s) left out</source>
        <translation>
            <numerusform>%n collegamento o file speciale tralasciato</numerusform>
            <numerusform>%n collegamenti o file speciali tralasciati</numerusform>
        </translation>
    </message>
    <message>
        <source>Import an archive</source>
        <translation>Importa un archivio</translation>
    </message>
    <message>
        <source>Import %1?</source>
        <translation>Importare %1?</translation>
    </message>
    <message>
        <source>A new workspace can be looked through safely: nothing in it is executed until you trust it.</source>
        <translation>Un nuovo workspace si può consultare senza rischi: finché non è attendibile non ne viene eseguito nulla.</translation>
    </message>
    <message>
        <source>New workspace…</source>
        <translation>Nuovo workspace…</translation>
    </message>
    <message>
        <source>Folder of the new workspace</source>
        <translation>Cartella del nuovo workspace</translation>
    </message>
    <message>
        <source>Into the open workspace</source>
        <translation>Nel workspace aperto</translation>
    </message>
    <message numerus="yes">
        <source>Imported %n run(s), model(s) and data set(s)</source>
        <translation>
            <numerusform>%n tra run, modelli e set di dati importato</numerusform>
            <numerusform>%n tra run, modelli e set di dati importati</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n there already</source>
        <translation>
            <numerusform>%n già presente</numerusform>
            <numerusform>%n già presenti</numerusform>
        </translation>
    </message>
    <message>
        <source>Importing…</source>
        <translation>Importazione…</translation>
    </message>
</context>
<context>
    <name>bottega::Arguments</name>
    <message>
        <source>Open this run: its id or a unique beginning of it.</source>
        <translation>Apre questa esecuzione: il suo id o un inizio univoco di esso.</translation>
    </message>
    <message>
        <source>Save a PNG of the window once everything is loaded and the run has ended, then quit.</source>
        <translation>Salva un PNG della finestra quando tutto è caricato e l&apos;esecuzione è finita, poi esce.</translation>
    </message>
    <message>
        <source>A studio for training experiments.</source>
        <translation>Uno studio per esperimenti di addestramento.</translation>
    </message>
    <message>
        <source>The folder to open; the last one where it is left out.</source>
        <translation>La cartella da aprire; l&apos;ultima se non è indicata.</translation>
    </message>
    <message>
        <source>Quit as soon as the window is usable: measures the start.</source>
        <translation>Esce appena la finestra è utilizzabile: misura l&apos;avvio.</translation>
    </message>
</context>
<context>
    <name>bottega::ArraysModel</name>
    <message>
        <source>Array</source>
        <translation>Array</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>Forma</translation>
    </message>
    <message>
        <source>Type</source>
        <translation>Tipo</translation>
    </message>
    <message>
        <source>Minimum</source>
        <translation>Minimo</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Media</translation>
    </message>
    <message>
        <source>Maximum</source>
        <translation>Massimo</translation>
    </message>
    <message>
        <source>Not finite</source>
        <translation>Non finiti</translation>
    </message>
</context>
<context>
    <name>bottega::ArtifactPreview</name>
    <message>
        <source>No file chosen</source>
        <translation>Nessun file scelto</translation>
    </message>
    <message>
        <source>This kind of file has no preview. Download it to open it elsewhere.</source>
        <translation>Per questo tipo di file non c&apos;è anteprima. Scaricalo per aprirlo altrove.</translation>
    </message>
    <message>
        <source>empty file</source>
        <translation>file vuoto</translation>
    </message>
    <message>
        <source>first %1 of %2</source>
        <translation>primi %1 di %2</translation>
    </message>
    <message>
        <source>%1 × %2 points</source>
        <translation>%1 × %2 punti</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <extracomment>e.g. &quot;6 arrays, 89,610 values&quot;</extracomment>
        <translation>%1, %2</translation>
    </message>
    <message numerus="yes">
        <source>%n array(s)</source>
        <translation>
            <numerusform>%n array</numerusform>
            <numerusform>%n array</numerusform>
        </translation>
    </message>
    <message>
        <source>%L1 values</source>
        <translation>%L1 valori</translation>
    </message>
</context>
<context>
    <name>bottega::ArtifactsModel</name>
    <message>
        <source>Name</source>
        <translation>Nome</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Dimensione</translation>
    </message>
    <message>
        <source>%1 · format can run code</source>
        <translation>%1 · il formato può eseguire codice</translation>
    </message>
</context>
<context>
    <name>bottega::ArtifactsView</name>
    <message>
        <source>Files of the run</source>
        <translation>File dell&apos;esecuzione</translation>
    </message>
    <message>
        <source>Register model…</source>
        <translation>Registra modello…</translation>
    </message>
    <message>
        <source>Download…</source>
        <translation>Scarica…</translation>
    </message>
    <message>
        <source>No files yet</source>
        <translation>Ancora nessun file</translation>
    </message>
    <message>
        <source>What the run writes into outputs/ and logs/ appears here while it runs: its model, pictures, tables and logs.</source>
        <translation>Ciò che l&apos;esecuzione scrive in outputs/ e logs/ appare qui mentre procede: modello, immagini, tabelle e log.</translation>
    </message>
    <message>
        <source>Choose a file on the left to look into it.</source>
        <translation>Scegli un file a sinistra per guardarci dentro.</translation>
    </message>
    <message numerus="yes">
        <source>%n files and folders are chosen.</source>
        <translation>
            <numerusform>È scelto %n file o cartella.</numerusform>
            <numerusform>Sono scelti %n file e cartelle.</numerusform>
        </translation>
    </message>
    <message>
        <source>A folder is chosen: Download… takes all files in it.</source>
        <translation>È scelta una cartella: Scarica… prende tutti i file che contiene.</translation>
    </message>
</context>
<context>
    <name>bottega::ChartPanel</name>
    <message>
        <source>Chart of %1</source>
        <translation>Grafico: %1</translation>
    </message>
    <message>
        <source>Copy as image</source>
        <translation>Copia come immagine</translation>
    </message>
    <message>
        <source>Save as PNG…</source>
        <translation>Salva come PNG…</translation>
    </message>
    <message>
        <source>Save all points as CSV…</source>
        <translation>Salva tutti i punti come CSV…</translation>
    </message>
    <message>
        <source>Show everything and follow</source>
        <translation>Mostra tutto e segui</translation>
    </message>
    <message numerus="yes">
        <source>%1: %n values are NaN or infinite, the first at step %2</source>
        <translation>
            <numerusform>%1: %n valore è NaN o infinito, al passo %2</numerusform>
            <numerusform>%1: %n valori sono NaN o infiniti, il primo al passo %2</numerusform>
        </translation>
    </message>
    <message>
        <source>Save chart</source>
        <translation>Salva il grafico</translation>
    </message>
    <message>
        <source>PNG images (*.png)</source>
        <translation>Immagini PNG (*.png)</translation>
    </message>
    <message>
        <source>Save points</source>
        <translation>Salva i punti</translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>File CSV (*.csv)</translation>
    </message>
    <message>
        <source>Copy, save, show everything</source>
        <translation>Copia, salva, mostra tutto</translation>
    </message>
    <message>
        <source>Actions on the chart of %1</source>
        <translation>Azioni sul grafico: %1</translation>
    </message>
</context>
<context>
    <name>bottega::ChartsView</name>
    <message>
        <source>Horizontal axis</source>
        <translation>Asse orizzontale</translation>
    </message>
    <message>
        <source>What the horizontal axis shows</source>
        <translation>Che cosa mostra l&apos;asse orizzontale</translation>
    </message>
    <message>
        <source>Step</source>
        <comment>axis</comment>
        <translation>Passo</translation>
    </message>
    <message>
        <source>Epoch</source>
        <comment>axis</comment>
        <translation>Epoca</translation>
    </message>
    <message>
        <source>Time since start</source>
        <comment>axis</comment>
        <translation>Tempo dall&apos;inizio</translation>
    </message>
    <message>
        <source>Draw train curves as a moving average, with the raw curve faint behind</source>
        <translation>Disegna le curve di addestramento come media mobile, con la curva grezza sbiadita dietro</translation>
    </message>
    <message>
        <source>Follow</source>
        <comment>live data</comment>
        <translation>Segui</translation>
    </message>
    <message>
        <source>Show everything and follow new points (double click in a chart, or 0)</source>
        <translation>Mostra tutto e segui i nuovi punti (doppio clic in un grafico, oppure 0)</translation>
    </message>
    <message>
        <source>More metrics</source>
        <translation>Altre metriche</translation>
    </message>
    <message>
        <source>Waiting for the first point…</source>
        <translation>In attesa del primo punto…</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Perdita</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Accuratezza</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>perdita</translation>
    </message>
    <message>
        <source>accuracy</source>
        <translation>accuratezza</translation>
    </message>
    <message>
        <source>step</source>
        <translation>passo</translation>
    </message>
    <message>
        <source>epoch</source>
        <translation>epoca</translation>
    </message>
    <message>
        <source>time (s)</source>
        <translation>tempo (s)</translation>
    </message>
    <message>
        <source>time (min)</source>
        <translation>tempo (min)</translation>
    </message>
    <message>
        <source>time (h)</source>
        <translation>tempo (h)</translation>
    </message>
    <message>
        <source>This run logged no %1</source>
        <translation>Questa esecuzione non ha registrato: %1</translation>
    </message>
    <message>
        <source>No %1 yet</source>
        <translation>Ancora niente per: %1</translation>
    </message>
    <message>
        <source>This run ended without logging a metric.</source>
        <translation>Questa esecuzione è finita senza registrare metriche.</translation>
    </message>
    <message>
        <source>Curves appear here as soon as the run logs its first metric.</source>
        <translation>Le curve appaiono qui appena l&apos;esecuzione registra la prima metrica.</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>Smussatura</translation>
    </message>
    <message>
        <source>No smoothing</source>
        <translation>Nessuna smussatura</translation>
    </message>
    <message>
        <source>Light smoothing</source>
        <translation>Smussatura leggera</translation>
    </message>
    <message>
        <source>Medium smoothing</source>
        <translation>Smussatura media</translation>
    </message>
    <message>
        <source>Strong smoothing</source>
        <translation>Smussatura forte</translation>
    </message>
</context>
<context>
    <name>bottega::ClassReportModel</name>
    <message>
        <source>Class</source>
        <translation>Classe</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Precisione</translation>
    </message>
    <message>
        <source>Recall</source>
        <translation>Richiamo</translation>
    </message>
    <message>
        <source>F1</source>
        <translation>F1</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Immagini</translation>
    </message>
</context>
<context>
    <name>bottega::ConfusionModel</name>
    <message>
        <source>%1: %2 of %3 read right (%4)</source>
        <translation>%1: %2 di %3 lette bene (%4)</translation>
    </message>
    <message>
        <source>True %1, predicted %2: %3 of %4 (%5)</source>
        <translation>Vera %1, predetta %2: %3 di %4 (%5)</translation>
    </message>
    <message>
        <source>True %1</source>
        <translation>Vera %1</translation>
    </message>
    <message>
        <source>Predicted %1</source>
        <translation>Predetta %1</translation>
    </message>
</context>
<context>
    <name>bottega::ConfusionTable</name>
    <message>
        <source>Confusion matrix: a row for each true class, a column for each predicted one</source>
        <translation>Matrice di confusione: una riga per ogni classe vera, una colonna per ogni classe predetta</translation>
    </message>
</context>
<context>
    <name>bottega::ConfusionView</name>
    <message>
        <source>Confusion matrix</source>
        <translation>Matrice di confusione</translation>
    </message>
    <message>
        <source>Rows: true class. Columns: predicted class. Choose a cell to see its images.</source>
        <translation>Righe: classe vera. Colonne: classe predetta. Scegli una cella per vederne le immagini.</translation>
    </message>
    <message>
        <source>Show each cell as its share of the true class</source>
        <translation>Mostra ogni cella come quota della classe vera</translation>
    </message>
    <message>
        <source>Share of row, %</source>
        <translation>Quota della riga, %</translation>
    </message>
</context>
<context>
    <name>bottega::CopyButton</name>
    <message>
        <source>Copied</source>
        <translation>Copiato</translation>
    </message>
</context>
<context>
    <name>bottega::DataPage</name>
    <message>
        <source>Data</source>
        <translation>Dati</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Importa…</translation>
    </message>
    <message>
        <source>Unpacking and proving…</source>
        <translation>Decompressione e verifica…</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>Connessione…</translation>
    </message>
    <message>
        <source>%1 of about %2: %3</source>
        <translation>%1 di circa %2: %3</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Riprova</translation>
    </message>
    <message>
        <source>Reading all files again…</source>
        <translation>Rilettura di tutti i file…</translation>
    </message>
    <message>
        <source>All four files are exactly what they should be (checked at %1).</source>
        <translation>Tutti e quattro i file sono esattamente come devono essere (controllo delle %1).</translation>
    </message>
    <message>
        <source>%1 of disk space come back. Runs and models made with it are kept.</source>
        <translation>Si liberano %1 di spazio su disco. Le esecuzioni e i modelli fatti con questi dati restano.</translation>
    </message>
    <message>
        <source>Its files are removed from the workspace. Runs and models made with it are kept.</source>
        <translation>I suoi file vengono tolti dallo spazio di lavoro. Le esecuzioni e i modelli fatti con questi dati restano.</translation>
    </message>
    <message>
        <source>Remove the data set %1?</source>
        <translation>Rimuovere i dati %1?</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Rimuovi</translation>
    </message>
    <message>
        <source>Removing…</source>
        <translation>Rimozione…</translation>
    </message>
    <message numerus="yes">
        <source>%1 was imported: %Ln training image(s).</source>
        <translation>
            <numerusform>%1 è stato importato: %Ln immagine di addestramento.</numerusform>
            <numerusform>%1 è stato importato: %Ln immagini di addestramento.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::DatasetCard</name>
    <message>
        <source>%1 · %2 · %3 × %4 · %5 · %6</source>
        <extracomment>training images · test images · image size · classes · bytes unpacked</extracomment>
        <translation>%1 · %2 · %3 × %4 · %5 · %6</translation>
    </message>
    <message numerus="yes">
        <source>%Ln training image(s)</source>
        <translation>
            <numerusform>%Ln immagine di addestramento</numerusform>
            <numerusform>%Ln immagini di addestramento</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln test image(s)</source>
        <translation>
            <numerusform>%Ln immagine di test</numerusform>
            <numerusform>%Ln immagini di test</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln class(es)</source>
        <translation>
            <numerusform>%Ln classe</numerusform>
            <numerusform>%Ln classi</numerusform>
        </translation>
    </message>
    <message>
        <source>The first 10,000 training and 2,000 test images of MNIST, so that a first run needs no network. A model trained on it reaches about 91 %; use MNIST for real results.</source>
        <translation>Le prime 10.000 immagini di addestramento e 2.000 di test di MNIST, perché la prima esecuzione non abbia bisogno di rete. Un modello addestrato così arriva a circa il 91 %; per risultati veri usa MNIST.</translation>
    </message>
    <message>
        <source>Import files…</source>
        <translation>Importa file…</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>Verifica</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>Rimuovi…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annulla</translation>
    </message>
    <message>
        <source>Damaged</source>
        <translation>Danneggiato</translation>
    </message>
    <message>
        <source>Ready, proved by SHA-256</source>
        <translation>Pronto, provato con SHA-256</translation>
    </message>
    <message>
        <source>At hand on this machine</source>
        <translation>Già su questo computer</translation>
    </message>
    <message>
        <source>To be downloaded</source>
        <translation>Da scaricare</translation>
    </message>
    <message>
        <source>Get</source>
        <translation>Prendi</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Scarica</translation>
    </message>
</context>
<context>
    <name>bottega::DescriptionEdit</name>
    <message>
        <source>Description</source>
        <translation>Descrizione</translation>
    </message>
    <message>
        <source>Add a description: what it is for, what is special about it</source>
        <translation>Aggiungi una descrizione: a che cosa serve, che cosa ha di speciale</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Salva</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annulla</translation>
    </message>
</context>
<context>
    <name>bottega::DeviceFields</name>
    <message>
        <source>GPU %1: %2, %3</source>
        <comment>index, name, memory</comment>
        <translation>GPU %1: %2, %3</translation>
    </message>
    <message>
        <source>%1 of %2 in use</source>
        <comment>memory of a GPU</comment>
        <translation>%1 di %2 in uso</translation>
    </message>
    <message>
        <source>%1, %2 % busy</source>
        <comment>use of memory, use of the GPU</comment>
        <translation>%1, occupata al %2 %</translation>
    </message>
    <message>
        <source>No GPU: no NVIDIA driver is installed (nvidia-smi was not found).</source>
        <translation>Nessuna GPU: non è installato alcun driver NVIDIA (nvidia-smi non si trova).</translation>
    </message>
    <message>
        <source>No GPU: the NVIDIA driver finds none.</source>
        <translation>Nessuna GPU: il driver NVIDIA non ne trova.</translation>
    </message>
    <message>
        <source>No GPU: nvidia-smi failed: %1</source>
        <translation>Nessuna GPU: nvidia-smi non è riuscito: %1</translation>
    </message>
    <message>
        <source>No GPU: nvidia-smi does not answer.</source>
        <translation>Nessuna GPU: nvidia-smi non risponde.</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatico</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>De&amp;vice</source>
        <translation>Dispositi&amp;vo</translation>
    </message>
    <message>
        <source>Looking for GPUs…</source>
        <translation>Ricerca delle GPU…</translation>
    </message>
    <message>
        <source>CPU t&amp;hreads</source>
        <translation>T&amp;hread della CPU</translation>
    </message>
    <message>
        <source>The result does not depend on their number.</source>
        <translation>Il risultato non dipende dal loro numero.</translation>
    </message>
    <message>
        <source>CPU: %1</source>
        <comment>instruction set</comment>
        <translation>CPU: %1</translation>
    </message>
    <message>
        <source>CPU: %1, %2</source>
        <comment>name, instruction set</comment>
        <translation>CPU: %1, %2</translation>
    </message>
    <message>
        <source>%1: not on this computer</source>
        <comment>a GPU</comment>
        <translation>%1: non su questo computer</translation>
    </message>
    <message>
        <source>all: %1</source>
        <comment>number of threads</comment>
        <translation>tutti: %1</translation>
    </message>
    <message>
        <source>A GPU where the trainer can use one, else the CPU.</source>
        <translation>Una GPU se il trainer può usarla, altrimenti la CPU.</translation>
    </message>
    <message>
        <source>Leaves the GPU to others.</source>
        <translation>Lascia la GPU ad altri.</translation>
    </message>
    <message>
        <source>Any GPU</source>
        <translation>Una GPU qualsiasi</translation>
    </message>
    <message>
        <source>A whole number is needed: 1 to %1.</source>
        <translation>Serve un numero intero: da 1 a %1.</translation>
    </message>
    <message>
        <source>Prec&amp;ision</source>
        <translation>Prec&amp;isione</translation>
    </message>
    <message>
        <source>Of products on a GPU. TF32 and BF16 are faster in large layers, and round more.</source>
        <translation>Dei prodotti su una GPU. TF32 e BF16 sono più veloci negli strati grandi e arrotondano di più.</translation>
    </message>
</context>
<context>
    <name>bottega::Download</name>
    <message>
        <source>Download to folder</source>
        <translation>Scarica in una cartella</translation>
    </message>
    <message>
        <source>Download here</source>
        <translation>Scarica qui</translation>
    </message>
    <message>
        <source>Copying and verifying…</source>
        <translation>Copia e verifica…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annulla</translation>
    </message>
    <message>
        <source>Overwrite what is there?</source>
        <translation>Sovrascrivere ciò che c&apos;è?</translation>
    </message>
    <message>
        <source>%1
%2</source>
        <translation>%1
%2</translation>
    </message>
    <message>
        <source>Overwrite</source>
        <translation>Sovrascrivi</translation>
    </message>
    <message>
        <source>Keep both</source>
        <translation>Tieni entrambi</translation>
    </message>
    <message>
        <source>%1 was saved</source>
        <translation>%1 è stato salvato</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) were saved</source>
        <translation>
            <numerusform>%n file è stato salvato</numerusform>
            <numerusform>%n file sono stati salvati</numerusform>
        </translation>
    </message>
    <message>
        <source>In %1</source>
        <translation>In %1</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Apri la cartella</translation>
    </message>
</context>
<context>
    <name>bottega::ErrorTexts</name>
    <message>
        <source>This request can&apos;t be carried out</source>
        <translation>Questa richiesta non può essere eseguita</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>Non trovato</translation>
    </message>
    <message>
        <source>It is there already</source>
        <translation>Esiste già</translation>
    </message>
    <message>
        <source>The file is damaged</source>
        <translation>Il file è danneggiato</translation>
    </message>
    <message>
        <source>Reading or writing failed</source>
        <translation>Lettura o scrittura non riuscita</translation>
    </message>
    <message>
        <source>Not enough disk space</source>
        <translation>Spazio su disco insufficiente</translation>
    </message>
    <message>
        <source>Access was refused</source>
        <translation>Accesso negato</translation>
    </message>
    <message>
        <source>This isn&apos;t supported</source>
        <translation>Non è supportato</translation>
    </message>
    <message>
        <source>No answer</source>
        <translation>Nessuna risposta</translation>
    </message>
    <message>
        <source>Canceled</source>
        <translation>Annullato</translation>
    </message>
    <message>
        <source>It did not work</source>
        <translation>Non ha funzionato</translation>
    </message>
</context>
<context>
    <name>bottega::EstimateTexts</name>
    <message>
        <source>as run %1 of the same recipe went</source>
        <translation>come l&apos;esecuzione %1 della stessa ricetta</translation>
    </message>
    <message>
        <source>judging by run %1 of another network</source>
        <translation>a giudicare dall&apos;esecuzione %1 di un&apos;altra rete</translation>
    </message>
    <message>
        <source>a cautious guess before the first run here</source>
        <translation>una stima prudente prima della prima esecuzione qui</translation>
    </message>
    <message>
        <source>the time is known after the first run on this GPU</source>
        <translation>il tempo è noto dopo la prima esecuzione su questa GPU</translation>
    </message>
    <message>
        <source>%1 s</source>
        <comment>seconds</comment>
        <translation>%1 s</translation>
    </message>
    <message>
        <source>%1 min</source>
        <comment>minutes</comment>
        <translation>%1 min</translation>
    </message>
    <message>
        <source>%1 h</source>
        <comment>hours</comment>
        <translation>%1 h</translation>
    </message>
    <message>
        <source>%1 days</source>
        <translation>%1 giorni</translation>
    </message>
    <message>
        <source>%1 of GPU memory</source>
        <translation>%1 di memoria della GPU</translation>
    </message>
    <message>
        <source>About %1; %2</source>
        <comment>memory, why there is no time</comment>
        <translation>Circa %1; %2</translation>
    </message>
    <message>
        <source>About %1 and %2, %3</source>
        <comment>time, memory, what that rests on</comment>
        <translation>Circa %1 e %2, %3</translation>
    </message>
</context>
<context>
    <name>bottega::EvaluationPanel</name>
    <message>
        <source>Evaluate</source>
        <translation>Valuta</translation>
    </message>
    <message>
        <source>Data set to evaluate on</source>
        <translation>Dati su cui valutare</translation>
    </message>
    <message>
        <source>%1 (%L2 test images)</source>
        <translation>%1 (%L2 immagini di test)</translation>
    </message>
    <message>
        <source>No data set is ready in this workspace. Get one on the Data page.</source>
        <translation>In questo spazio di lavoro non ci sono dati pronti. Prendili nella pagina Dati.</translation>
    </message>
    <message>
        <source>%1 accuracy, loss %2 on %L3 images of %4</source>
        <translation>Accuratezza %1, perdita %2 su %L3 immagini di %4</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annulla</translation>
    </message>
</context>
<context>
    <name>bottega::Format</name>
    <message>
        <source>%1 d %2 h</source>
        <comment>days, hours</comment>
        <translation>%1 g %2 h</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>adesso</translation>
    </message>
    <message>
        <source>%1 s ago</source>
        <comment>seconds</comment>
        <translation>%1 s fa</translation>
    </message>
    <message>
        <source>%1 min ago</source>
        <comment>minutes</comment>
        <translation>%1 min fa</translation>
    </message>
    <message>
        <source>%1 h ago</source>
        <comment>hours</comment>
        <translation>%1 h fa</translation>
    </message>
    <message>
        <source>%1 d ago</source>
        <comment>days</comment>
        <translation>%1 g fa</translation>
    </message>
    <message>
        <source>%1 %</source>
        <comment>percent</comment>
        <translation>%1 %</translation>
    </message>
</context>
<context>
    <name>bottega::Gallery</name>
    <message>
        <source>Show all wrongly read images again</source>
        <translation>Mostra di nuovo tutte le immagini lette male</translation>
    </message>
    <message>
        <source>Order of the images</source>
        <translation>Ordine delle immagini</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Immagini</translation>
    </message>
    <message>
        <source>true %1 → predicted %2</source>
        <translation>vera %1 → predetta %2</translation>
    </message>
    <message>
        <source>true %1, read wrongly</source>
        <translation>vera %1, letta male</translation>
    </message>
    <message>
        <source>wrongly read as %1</source>
        <translation>letta per errore come %1</translation>
    </message>
    <message>
        <source>Wrongly read</source>
        <translation>Lette male</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>what is shown, how many</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>The model reads every test image right.</source>
        <translation>Il modello legge bene tutte le immagini di test.</translation>
    </message>
    <message>
        <source>No test image falls here.</source>
        <translation>Nessuna immagine di test cade qui.</translation>
    </message>
    <message>
        <source>Clear filter</source>
        <translation>Togli il filtro</translation>
    </message>
    <message>
        <source>Highest loss</source>
        <translation>Perdita maggiore</translation>
    </message>
    <message>
        <source>Most sure</source>
        <translation>Più sicure</translation>
    </message>
    <message>
        <source>Least sure</source>
        <translation>Meno sicure</translation>
    </message>
    <message>
        <source>File order</source>
        <translation>Ordine del file</translation>
    </message>
</context>
<context>
    <name>bottega::GalleryModel</name>
    <message>
        <source>%1 → %2</source>
        <extracomment>True class, then what the model read</extracomment>
        <translation>%1 → %2</translation>
    </message>
    <message>
        <source>Image %1, true %2, predicted %3 with %4</source>
        <translation>Immagine %1, vera %2, predetta %3 con %4</translation>
    </message>
    <message>
        <source>%1 %</source>
        <extracomment>A share; the number comes formatted</extracomment>
        <translation>%1 %</translation>
    </message>
</context>
<context>
    <name>bottega::ImportDialog</name>
    <message>
        <source>Import a data set</source>
        <translation>Importa dati</translation>
    </message>
    <message>
        <source>Folder with the four files</source>
        <translation>Cartella con i quattro file</translation>
    </message>
    <message>
        <source>Folder…</source>
        <translation>Cartella…</translation>
    </message>
    <message>
        <source>Files…</source>
        <translation>File…</translation>
    </message>
    <message>
        <source>IDX files as MNIST&apos;s, plain or .gz: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte</source>
        <translation>File IDX come quelli di MNIST, semplici o .gz: train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Nome</translation>
    </message>
    <message>
        <source>&amp;From</source>
        <translation>&amp;Da</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>Importa</translation>
    </message>
    <message>
        <source>The four files</source>
        <translation>I quattro file</translation>
    </message>
    <message numerus="yes">
        <source>%n files in %1</source>
        <translation>
            <numerusform>%n file in %1</numerusform>
            <numerusform>%n file in %1</numerusform>
        </translation>
    </message>
    <message>
        <source>There is a data set of this name already.</source>
        <translation>Ci sono già dati con questo nome.</translation>
    </message>
    <message>
        <source>Use 1 to 64 letters, digits, &apos;-&apos;, &apos;_&apos; or &apos;.&apos;, starting with a letter or digit.</source>
        <translation>Usa da 1 a 64 lettere, cifre, &apos;-&apos;, &apos;_&apos; o &apos;.&apos;, cominciando con una lettera o una cifra.</translation>
    </message>
    <message>
        <source>Under “mnist” or “fashion-mnist” the content must be exactly the known one.</source>
        <translation>Con il nome “mnist” o “fashion-mnist” il contenuto deve essere esattamente quello noto.</translation>
    </message>
    <message>
        <source>Importing…</source>
        <translation>Importazione…</translation>
    </message>
</context>
<context>
    <name>bottega::JobFooter</name>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Esegui</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annulla</translation>
    </message>
    <message>
        <source>Close the form without a run (Esc)</source>
        <translation>Chiude il modulo senza eseguire (Esc)</translation>
    </message>
    <message>
        <source>Start this run (Ctrl+Return)</source>
        <translation>Avvia questa esecuzione (Ctrl+Invio)</translation>
    </message>
</context>
<context>
    <name>bottega::JobForm</name>
    <message>
        <source>%1: ready, %2 images to train</source>
        <translation>%1: pronto, %2 immagini per addestrare</translation>
    </message>
    <message>
        <source>%1: at hand, no download needed</source>
        <translation>%1: già qui, senza scaricare nulla</translation>
    </message>
    <message>
        <source>%1: to be downloaded on the Data page first</source>
        <translation>%1: prima da scaricare nella pagina Dati</translation>
    </message>
    <message numerus="yes">
        <source>%n processor(s), %1 of memory</source>
        <translation>
            <numerusform>%n processore, %1 di memoria</numerusform>
            <numerusform>%n processori, %1 di memoria</numerusform>
        </translation>
    </message>
    <message>
        <source>New run</source>
        <translation>Nuova esecuzione</translation>
    </message>
    <message>
        <source>Job</source>
        <translation>Lavoro</translation>
    </message>
    <message>
        <source>Compute</source>
        <translation>Calcolo</translation>
    </message>
    <message>
        <source>&amp;Experiment</source>
        <translation>&amp;Esperimento</translation>
    </message>
    <message>
        <source>Runs of one experiment are compared with each other.</source>
        <translation>Le esecuzioni di un esperimento si confrontano tra loro.</translation>
    </message>
    <message>
        <source>Re&amp;cipe</source>
        <translation>Ri&amp;cetta</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatico</translation>
    </message>
    <message>
        <source>&amp;Data set</source>
        <translation>&amp;Dati</translation>
    </message>
    <message>
        <source>MNIST where it is ready, else the small MNIST that comes with Bottega.</source>
        <translation>MNIST se è pronto, altrimenti il piccolo MNIST che arriva con Bottega.</translation>
    </message>
    <message>
        <source>Resume &amp;from</source>
        <translation>Riprendi &amp;da</translation>
    </message>
    <message>
        <source>Goes on from that run&apos;s newest checkpoint.</source>
        <translation>Prosegue dall&apos;ultimo checkpoint di quell&apos;esecuzione.</translation>
    </message>
    <message>
        <source>This computer</source>
        <translation>Questo computer</translation>
    </message>
    <message>
        <source>Compute &amp;target</source>
        <translation>Des&amp;tinazione di calcolo</translation>
    </message>
    <message>
        <source>Nothing: start afresh</source>
        <translation>Niente: comincia da capo</translation>
    </message>
    <message>
        <source>%1 of %2, %3</source>
        <comment>run, experiment, time</comment>
        <translation>%1 di %2, %3</translation>
    </message>
    <message>
        <source>3 to 36 letters, digits, “-”, “_” or “.” are needed, a letter or digit first.</source>
        <translation>Servono da 3 a 36 lettere, cifre, “-”, “_” o “.”, con una lettera o una cifra all&apos;inizio.</translation>
    </message>
    <message>
        <source>Some fields need another value.</source>
        <translation>Alcuni campi richiedono un altro valore.</translation>
    </message>
    <message numerus="yes">
        <source>%n optimizer step(s) on %1 (%2 images)</source>
        <translation>
            <numerusform>%n passo dell&apos;ottimizzatore su %1 (%2 immagini)</numerusform>
            <numerusform>%n passi dell&apos;ottimizzatore su %1 (%2 immagini)</numerusform>
        </translation>
    </message>
    <message>
        <source>Starting the run…</source>
        <translation>Avvio dell&apos;esecuzione…</translation>
    </message>
    <message>
        <source>Logging out may end the run (%1); “loginctl enable-linger” prevents that.</source>
        <translation>La fine della sessione può terminare l&apos;esecuzione (%1); “loginctl enable-linger” lo impedisce.</translation>
    </message>
</context>
<context>
    <name>bottega::LayerTexts</name>
    <message>
        <source>, stride %1</source>
        <translation>, passo %1</translation>
    </message>
    <message>
        <source>, padding %1</source>
        <translation>, bordo %1</translation>
    </message>
    <message>
        <source>Linear</source>
        <comment>layer of a network</comment>
        <translation>Lineare</translation>
    </message>
    <message>
        <source>Convolution %1</source>
        <comment>5 × 5</comment>
        <translation>Convoluzione %1</translation>
    </message>
    <message>
        <source>Max pooling %1</source>
        <comment>2 × 2</comment>
        <translation>Max pooling %1</translation>
    </message>
    <message>
        <source>Average pooling %1</source>
        <comment>2 × 2</comment>
        <translation>Pooling medio %1</translation>
    </message>
    <message>
        <source>Batch norm</source>
        <translation>Batch norm</translation>
    </message>
    <message>
        <source>Dropout %1</source>
        <comment>25 %</comment>
        <translation>Dropout %1</translation>
    </message>
    <message>
        <source>Flatten</source>
        <comment>layer of a network</comment>
        <translation>Appiattimento</translation>
    </message>
    <message>
        <source>Add %1</source>
        <comment>the output of a layer, by name</comment>
        <translation>Somma di %1</translation>
    </message>
</context>
<context>
    <name>bottega::LegendChip</name>
    <message>
        <source>%1, now %2</source>
        <comment>curve and its value</comment>
        <translation>%1, ora %2</translation>
    </message>
    <message>
        <source>Shown. Press to hide this curve.</source>
        <translation>Visibile. Premi per nascondere questa curva.</translation>
    </message>
    <message>
        <source>Hidden. Press to show this curve.</source>
        <translation>Nascosta. Premi per mostrare questa curva.</translation>
    </message>
</context>
<context>
    <name>bottega::LimitFields</name>
    <message>
        <source>&amp;Longest duration</source>
        <translation>Durata &amp;massima</translation>
    </message>
    <message>
        <source>Such as 90 s, 10 min or 1:30:00. The run is stopped when it is over.</source>
        <translation>Per esempio 90 s, 10 min o 1:30:00. Allo scadere l&apos;esecuzione viene fermata.</translation>
    </message>
    <message>
        <source>Most &amp;memory</source>
        <translation>&amp;Memoria massima</translation>
    </message>
    <message>
        <source>Such as 2 GiB or 500 MB. The run is stopped when its processes use more.</source>
        <translation>Per esempio 2 GiB o 500 MB. L&apos;esecuzione viene fermata quando i suoi processi ne usano di più.</translation>
    </message>
    <message>
        <source>Most dis&amp;k space</source>
        <translation>Spazio su dis&amp;co massimo</translation>
    </message>
    <message>
        <source>Such as 10 GiB. The run is stopped when its folder takes more.</source>
        <translation>Per esempio 10 GiB. L&apos;esecuzione viene fermata quando la sua cartella ne occupa di più.</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>nessun limite</translation>
    </message>
    <message>
        <source>A time is needed, such as 90 s, 10 min or 1:30:00.</source>
        <translation>Serve un tempo, per esempio 90 s, 10 min o 1:30:00.</translation>
    </message>
    <message>
        <source>A size of at least 1 MiB is needed, such as 2 GiB or 500 MB.</source>
        <translation>Serve una dimensione di almeno 1 MiB, per esempio 2 GiB o 500 MB.</translation>
    </message>
</context>
<context>
    <name>bottega::LogSearch</name>
    <message>
        <source>Search the log</source>
        <translation>Cerca nel log</translation>
    </message>
    <message>
        <source>Previous match</source>
        <translation>Risultato precedente</translation>
    </message>
    <message>
        <source>Next match</source>
        <translation>Risultato successivo</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>Non trovato</translation>
    </message>
    <message>
        <source>%1+</source>
        <comment>at least so many</comment>
        <translation>%1+</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 di %2</translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n trovato</numerusform>
            <numerusform>%n trovati</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::LogView</name>
    <message>
        <source>Nothing has been logged yet.</source>
        <translation>Non è ancora stato scritto nulla nel log.</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Log</translation>
    </message>
    <message>
        <source>Follow</source>
        <comment>the end of the log</comment>
        <translation>Segui</translation>
    </message>
    <message>
        <source>Keep the end of the log in view</source>
        <translation>Tieni in vista la fine del log</translation>
    </message>
    <message>
        <source>Wrap</source>
        <comment>long lines</comment>
        <translation>A capo</translation>
    </message>
    <message>
        <source>Break long lines at the edge of the window</source>
        <translation>Manda a capo le righe lunghe al bordo della finestra</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copia</translation>
    </message>
    <message>
        <source>Copy the selection, or all that is shown</source>
        <translation>Copia la selezione, o tutto ciò che è mostrato</translation>
    </message>
    <message>
        <source>The last %1 are shown. The %2 before them are in the run&apos;s file system-logs/70_driver_log.txt.</source>
        <translation>Sono mostrati gli ultimi %1. I %2 precedenti sono nel file system-logs/70_driver_log.txt dell&apos;esecuzione.</translation>
    </message>
</context>
<context>
    <name>bottega::MainWindow</name>
    <message>
        <source>Home</source>
        <translation>Inizio</translation>
    </message>
    <message>
        <source>Start page (Ctrl+1)</source>
        <translation>Pagina iniziale (Ctrl+1)</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Esecuzioni</translation>
    </message>
    <message>
        <source>Experiments and runs (Ctrl+2)</source>
        <translation>Esperimenti ed esecuzioni (Ctrl+2)</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelli</translation>
    </message>
    <message>
        <source>Registered models (Ctrl+3)</source>
        <translation>Modelli registrati (Ctrl+3)</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Dati</translation>
    </message>
    <message>
        <source>Data sets (Ctrl+4)</source>
        <translation>Dati (Ctrl+4)</translation>
    </message>
    <message>
        <source>&amp;New run…</source>
        <translation>&amp;Nuova esecuzione…</translation>
    </message>
    <message>
        <source>Run…</source>
        <translation>Esegui…</translation>
    </message>
    <message>
        <source>&amp;Train MNIST now</source>
        <translation>Addes&amp;tra MNIST adesso</translation>
    </message>
    <message>
        <source>New &amp;workspace…</source>
        <translation>Nuovo &amp;spazio di lavoro…</translation>
    </message>
    <message>
        <source>&amp;Open workspace…</source>
        <translation>&amp;Apri spazio di lavoro…</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;File</translation>
    </message>
    <message>
        <source>&amp;Recent workspaces</source>
        <translation>Spazi di lavoro &amp;recenti</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Esci</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Esegui</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Aiuto</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>Scorciatoie da &amp;tastiera</translation>
    </message>
    <message>
        <source>&amp;About Bottega</source>
        <translation>&amp;Informazioni su Bottega</translation>
    </message>
    <message>
        <source>The language changes when Bottega is started again.</source>
        <translation>La lingua cambia al prossimo avvio di Bottega.</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Strumenti</translation>
    </message>
    <message>
        <source>Registered as %1.</source>
        <translation>Registrato come %1.</translation>
    </message>
    <message>
        <source>The run was started. It goes on when Bottega is closed.</source>
        <translation>L&apos;esecuzione è avviata. Prosegue anche quando Bottega è chiuso.</translation>
    </message>
    <message>
        <source>Open a workspace&apos;s folder</source>
        <translation>Apri la cartella di uno spazio di lavoro</translation>
    </message>
    <message>
        <source>No workspace</source>
        <translation>Nessuno spazio di lavoro</translation>
    </message>
    <message>
        <source>Workspace: %1</source>
        <translation>Spazio di lavoro: %1</translation>
    </message>
    <message>
        <source>Open or make a workspace</source>
        <translation>Apri o crea uno spazio di lavoro</translation>
    </message>
    <message numerus="yes">
        <source>%n live run(s) · they go on when Bottega is closed</source>
        <translation>
            <numerusform>%n esecuzione in corso · prosegue anche quando Bottega è chiuso</numerusform>
            <numerusform>%n esecuzioni in corso · proseguono anche quando Bottega è chiuso</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 – %2 – Bottega</source>
        <comment>run, workspace</comment>
        <translation>%1 – %2 – Bottega</translation>
    </message>
    <message>
        <source>%1 – Bottega</source>
        <comment>workspace</comment>
        <translation>%1 – Bottega</translation>
    </message>
    <message>
        <source>Start a new run (Ctrl+N)</source>
        <translation>Avvia una nuova esecuzione (Ctrl+N)</translation>
    </message>
    <message>
        <source>Open a workspace first, or make one: it is where runs are kept.</source>
        <translation>Apri prima uno spazio di lavoro, o creane uno: è lì che restano le esecuzioni.</translation>
    </message>
    <message>
        <source>The settings were not saved: %1</source>
        <translation>Le impostazioni non sono state salvate: %1</translation>
    </message>
    <message>
        <source>&amp;Trash…</source>
        <translation>&amp;Cestino…</translation>
    </message>
    <message>
        <source>The workspace can&apos;t be read at the moment; it is tried again all the time. %1</source>
        <translation>Al momento lo spazio di lavoro non si può leggere; si continua a riprovare. %1</translation>
    </message>
    <message>
        <source>The workspace can be read again.</source>
        <translation>Lo spazio di lavoro si può leggere di nuovo.</translation>
    </message>
    <message>
        <source>%1 is back.</source>
        <translation>%1 è di nuovo al suo posto.</translation>
    </message>
    <message>
        <source>&amp;Export workspace…</source>
        <translation>&amp;Esporta workspace…</translation>
    </message>
    <message>
        <source>&amp;Import archive…</source>
        <translation>&amp;Importa archivio…</translation>
    </message>
    <message>
        <source>E&amp;xport run…</source>
        <translation>E&amp;sporta run…</translation>
    </message>
    <message>
        <source>This workspace is for looking only until you trust it.</source>
        <translation>Questo workspace si può solo consultare finché non lo consideri attendibile.</translation>
    </message>
</context>
<context>
    <name>bottega::MetricChart</name>
    <message>
        <source>best %1 at step %2</source>
        <extracomment>Beside the best point of a curve: its value and its step</extracomment>
        <translation>migliore %1 al passo %2</translation>
    </message>
    <message>
        <source>at %1</source>
        <extracomment>The step a value belongs to, where it is not the cursor&apos;s</extracomment>
        <translation>a %1</translation>
    </message>
    <message>
        <source>step %1</source>
        <translation>passo %1</translation>
    </message>
    <message>
        <source>step %1 · epoch %2</source>
        <translation>passo %1 · epoca %2</translation>
    </message>
</context>
<context>
    <name>bottega::ModelDetails</name>
    <message>
        <source>Description</source>
        <translation>Descrizione</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>Etichette</translation>
    </message>
    <message>
        <source>Where it comes from</source>
        <translation>Da dove viene</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>File</translation>
    </message>
    <message>
        <source>Evaluate on a data set</source>
        <translation>Valuta su dati</translation>
    </message>
    <message>
        <source>Metrics when it was registered</source>
        <translation>Metriche alla registrazione</translation>
    </message>
    <message>
        <source>Download…</source>
        <translation>Scarica…</translation>
    </message>
    <message>
        <source>Copy model id</source>
        <translation>Copia l&apos;id del modello</translation>
    </message>
    <message>
        <source>Registered %1</source>
        <translation>Registrato %1</translation>
    </message>
    <message>
        <source>accuracy</source>
        <translation>accuratezza</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>perdita</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n file</numerusform>
            <numerusform>%n file</numerusform>
        </translation>
    </message>
    <message>
        <source>Open the run that made this model</source>
        <translation>Apri l&apos;esecuzione che ha fatto questo modello</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Esecuzione</translation>
    </message>
    <message>
        <source>Copy run id</source>
        <translation>Copia l&apos;id dell&apos;esecuzione</translation>
    </message>
    <message>
        <source>Experiment</source>
        <translation>Esperimento</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Ricetta</translation>
    </message>
    <message>
        <source>Data set</source>
        <translation>Dati</translation>
    </message>
    <message>
        <source>Data SHA-256</source>
        <translation>SHA-256 dei dati</translation>
    </message>
    <message>
        <source>Copy SHA-256 of the data</source>
        <translation>Copia lo SHA-256 dei dati</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nome</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Dimensione</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Copy SHA-256 of %1</source>
        <translation>Copia lo SHA-256 di %1</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Elimina</translation>
    </message>
    <message>
        <source>Move this version to the trash</source>
        <translation>Sposta questa versione nel cestino</translation>
    </message>
</context>
<context>
    <name>bottega::ModelsModel</name>
    <message>
        <source>Model</source>
        <translation>Modello</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>Accuratezza</translation>
    </message>
    <message>
        <source>Created</source>
        <translation>Creato</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Dimensione</translation>
    </message>
    <message>
        <source>Version %1</source>
        <translation>Versione %1</translation>
    </message>
</context>
<context>
    <name>bottega::ModelsPage</name>
    <message>
        <source>Registered models</source>
        <translation>Modelli registrati</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelli</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Ancora nessun modello</translation>
    </message>
    <message>
        <source>Train a run, open it and press Register model… The model gets a name and a version here, with its files, their hashes and the run it came from.</source>
        <translation>Addestra, apri l&apos;esecuzione e premi Registra modello… Il modello riceve qui un nome e una versione, con i suoi file, i loro hash e l&apos;esecuzione da cui viene.</translation>
    </message>
</context>
<context>
    <name>bottega::Navigation</name>
    <message>
        <source>Pages</source>
        <translation>Pagine</translation>
    </message>
</context>
<context>
    <name>bottega::NetworkEditor</name>
    <message>
        <source>Start from a sample network</source>
        <translation>Parti da una rete di esempio</translation>
    </message>
    <message>
        <source>Start from a sample…</source>
        <translation>Parti da un esempio…</translation>
    </message>
    <message>
        <source>Line %1: %2</source>
        <translation>Riga %1: %2</translation>
    </message>
</context>
<context>
    <name>bottega::NetworkModel</name>
    <message>
        <source>Image</source>
        <comment>input of a network</comment>
        <translation>Immagine</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>layer, its name</comment>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>, output %1</source>
        <translation>, uscita %1</translation>
    </message>
    <message>
        <source>, %1 parameters</source>
        <translation>, %1 parametri</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Strato</translation>
    </message>
    <message>
        <source>Output</source>
        <comment>of a layer</comment>
        <translation>Uscita</translation>
    </message>
    <message>
        <source>Parameters</source>
        <comment>number of a layer&apos;s</comment>
        <translation>Parametri</translation>
    </message>
</context>
<context>
    <name>bottega::NetworkView</name>
    <message>
        <source>Layers of the network</source>
        <translation>Strati della rete</translation>
    </message>
    <message>
        <source>%1 parameters, %2 to train on one image</source>
        <translation>%1 parametri, %2 per addestrare su un&apos;immagine</translation>
    </message>
</context>
<context>
    <name>bottega::NewWorkspaceDialog</name>
    <message>
        <source>C&amp;reate</source>
        <translation>C&amp;rea</translation>
    </message>
    <message>
        <source>New workspace</source>
        <translation>Nuovo spazio di lavoro</translation>
    </message>
    <message>
        <source>&amp;Browse…</source>
        <translation>&amp;Sfoglia…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Annulla</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Nome</translation>
    </message>
    <message>
        <source>&amp;Where</source>
        <translation>&amp;Dove</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nome</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>Dove</translation>
    </message>
    <message>
        <source>The name needs 2 to 32 letters, digits, “-”, “_” or “.”, a letter or digit first.</source>
        <translation>Il nome richiede da 2 a 32 lettere, cifre, “-”, “_” o “.”, con una lettera o una cifra all&apos;inizio.</translation>
    </message>
    <message>
        <source>A whole path is needed, such as /home/you/workspaces.</source>
        <translation>Serve un percorso completo, per esempio /home/tu/lavori.</translation>
    </message>
    <message>
        <source>Makes the folder %1</source>
        <translation>Crea la cartella %1</translation>
    </message>
    <message>
        <source>Where to make the workspace</source>
        <translation>Dove creare lo spazio di lavoro</translation>
    </message>
</context>
<context>
    <name>bottega::ParamTexts</name>
    <message>
        <source>%1 to %2</source>
        <comment>limits of a number</comment>
        <translation>da %1 a %2</translation>
    </message>
    <message>
        <source>A whole number is needed: %1.</source>
        <translation>Serve un numero intero: %1.</translation>
    </message>
    <message>
        <source>A number is needed: %1.</source>
        <translation>Serve un numero: %1.</translation>
    </message>
    <message>
        <source>A text without line breaks is needed, at most 1,000 bytes long.</source>
        <translation>Serve un testo senza a capo, lungo al massimo 1.000 byte.</translation>
    </message>
    <message>
        <source>SGD, plain</source>
        <translation>SGD semplice</translation>
    </message>
    <message>
        <source>SGD with momentum</source>
        <translation>SGD con momento</translation>
    </message>
    <message>
        <source>SGD with Nesterov&apos;s momentum</source>
        <translation>SGD con momento di Nesterov</translation>
    </message>
    <message>
        <source>Constant</source>
        <comment>learning rate</comment>
        <translation>Costante</translation>
    </message>
    <message>
        <source>Falls in steps</source>
        <comment>learning rate</comment>
        <translation>Scende a gradini</translation>
    </message>
    <message>
        <source>Falls as a cosine</source>
        <comment>learning rate</comment>
        <translation>Scende come un coseno</translation>
    </message>
    <message>
        <source>One cycle: up, then down</source>
        <comment>learning rate</comment>
        <translation>Un ciclo: su, poi giù</translation>
    </message>
    <message>
        <source>Whole numbers with commas between are needed, such as 300,100: %1.</source>
        <translation>Servono numeri interi separati da virgole, come 300,100: %1.</translation>
    </message>
    <message>
        <source>One of the choices is needed.</source>
        <translation>Serve una delle scelte.</translation>
    </message>
    <message>
        <source>The description of a network is needed.</source>
        <translation>Serve la descrizione di una rete.</translation>
    </message>
    <message>
        <source>The layers in JSON, from the images to the classes.</source>
        <translation>Gli strati in JSON, dalle immagini alle classi.</translation>
    </message>
</context>
<context>
    <name>bottega::PlanPanel</name>
    <message>
        <source>Network</source>
        <translation>Rete</translation>
    </message>
    <message>
        <source>Learning rate</source>
        <translation>Tasso di apprendimento</translation>
    </message>
    <message>
        <source>The network is drawn once its description can be read.</source>
        <translation>La rete viene disegnata appena la sua descrizione è leggibile.</translation>
    </message>
</context>
<context>
    <name>bottega::PredictionsView</name>
    <message>
        <source>Test accuracy</source>
        <translation>Accuratezza di test</translation>
    </message>
    <message>
        <source>%1 %</source>
        <extracomment>Percent; the number comes formatted</extracomment>
        <translation>%1 %</translation>
    </message>
    <message>
        <source>%1 of %2 test images read right, %3 wrongly</source>
        <translation>%1 di %2 immagini di test lette bene, %3 male</translation>
    </message>
    <message>
        <source>Final model on %1</source>
        <translation>Modello finale su %1</translation>
    </message>
    <message>
        <source>Epoch %1 of %2, still training, on %3</source>
        <translation>Epoca %1 di %2, ancora in addestramento, su %3</translation>
    </message>
    <message>
        <source>Stopped at step %1, after epoch %2 of %3, on %4</source>
        <translation>Fermato al passo %1, dopo l&apos;epoca %2 di %3, su %4</translation>
    </message>
    <message>
        <source>Checkpoint of epoch %1 of %2, on %3</source>
        <translation>Checkpoint dell&apos;epoca %1 di %2, su %3</translation>
    </message>
    <message>
        <source>The model could not be evaluated.</source>
        <translation>Non è stato possibile valutare il modello.</translation>
    </message>
    <message>
        <source>Evaluating the model…</source>
        <translation>Valutazione del modello…</translation>
    </message>
    <message>
        <source>This run left neither a model nor a checkpoint that could be evaluated.</source>
        <translation>Questa esecuzione non ha lasciato né un modello né un checkpoint da valutare.</translation>
    </message>
    <message>
        <source>The confusion matrix and the wrongly read images appear here after the first epoch.</source>
        <translation>La matrice di confusione e le immagini lette male appaiono qui dopo la prima epoca.</translation>
    </message>
    <message>
        <source>No predictions</source>
        <translation>Nessuna predizione</translation>
    </message>
</context>
<context>
    <name>bottega::RateCurve</name>
    <message>
        <source>Learning rate over the training</source>
        <translation>Tasso di apprendimento durante l&apos;addestramento</translation>
    </message>
    <message>
        <source>From %1 over %2 to %3</source>
        <comment>learning rate: at the start, highest, at the end</comment>
        <translation>Da %1 attraverso %2 fino a %3</translation>
    </message>
    <message>
        <source>at most %1</source>
        <comment>learning rate</comment>
        <translation>al massimo %1</translation>
    </message>
    <message numerus="yes">
        <source>%n epoch(s)</source>
        <translation>
            <numerusform>%n epoca</numerusform>
            <numerusform>%n epoche</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::RecipeParams</name>
    <message>
        <source>Own values</source>
        <translation>Valori propri</translation>
    </message>
    <message>
        <source>The recipe&apos;s defaults</source>
        <translation>Valori predefiniti della ricetta</translation>
    </message>
    <message>
        <source>&amp;Preset</source>
        <translation>&amp;Preimpostazione</translation>
    </message>
    <message>
        <source>Values that go well together, to start from.</source>
        <translation>Valori che vanno bene insieme, da cui partire.</translation>
    </message>
    <message numerus="yes">
        <source>%n changed</source>
        <comment>number of parameters</comment>
        <translation>
            <numerusform>%n modificato</numerusform>
            <numerusform>%n modificati</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>bottega::Recipes</name>
    <message>
        <source>MNIST digits, small network</source>
        <translation>Cifre MNIST, rete piccola</translation>
    </message>
    <message>
        <source>How many times the training images are gone through.</source>
        <translation>Quante volte si ripassano le immagini di addestramento.</translation>
    </message>
    <message>
        <source>How many images make one step of the optimizer. At most as many as the training set has.</source>
        <translation>Quante immagini fanno un passo dell&apos;ottimizzatore. Al massimo quante ne ha l&apos;insieme di addestramento.</translation>
    </message>
    <message>
        <source>Folder for model.npz, relative to the run&apos;s working folder.</source>
        <translation>Cartella per model.npz, relativa alla cartella di lavoro dell&apos;esecuzione.</translation>
    </message>
    <message>
        <source>Learning rate: the size of each step.</source>
        <translation>Tasso di apprendimento: l&apos;ampiezza di ogni passo.</translation>
    </message>
    <message>
        <source>Share of the last step that is kept in the next one.</source>
        <translation>Quota dell&apos;ultimo passo che si conserva nel successivo.</translation>
    </message>
    <message>
        <source>Start of the random numbers. The same seed gives the same weights.</source>
        <translation>Inizio dei numeri casuali. Lo stesso seme dà gli stessi pesi.</translation>
    </message>
    <message>
        <source>Stops after so many epochs without a better validation accuracy. 0 never stops early.</source>
        <translation>Si ferma dopo tante epoche senza un&apos;accuratezza di convalida migliore. 0 non si ferma mai prima.</translation>
    </message>
    <message>
        <source>Share of the training images that is held out for validation. 0 validates on the test images.</source>
        <translation>Quota delle immagini di addestramento riservata alla convalida. 0 convalida sulle immagini di test.</translation>
    </message>
    <message>
        <source>How the weights follow their gradients. Adam and AdamW want a small lr such as 0.001.</source>
        <translation>Come i pesi seguono i loro gradienti. Adam e AdamW vogliono un lr piccolo, come 0.001.</translation>
    </message>
    <message>
        <source>How the learning rate changes over the training.</source>
        <translation>Come cambia il tasso di apprendimento durante l&apos;addestramento.</translation>
    </message>
    <message>
        <source>Epochs over which the learning rate rises from 0 before the schedule starts.</source>
        <translation>Epoche in cui il tasso di apprendimento sale da 0 prima che cominci il suo andamento.</translation>
    </message>
    <message>
        <source>Schedule step: epochs after which the learning rate is multiplied by step_factor.</source>
        <translation>Andamento a gradini: epoche dopo le quali il tasso di apprendimento viene moltiplicato per step_factor.</translation>
    </message>
    <message>
        <source>Schedule step: what the learning rate is multiplied by.</source>
        <translation>Andamento a gradini: per che cosa viene moltiplicato il tasso di apprendimento.</translation>
    </message>
    <message>
        <source>Pulls the weights towards 0; biases and batch norm are left alone.</source>
        <translation>Attira i pesi verso 0; bias e batch norm restano come sono.</translation>
    </message>
    <message>
        <source>Share of the target that is spread evenly over all classes.</source>
        <translation>Quota dell&apos;obiettivo distribuita in parti uguali su tutte le classi.</translation>
    </message>
    <message>
        <source>Longest gradient of a step, all weights together; longer ones are shortened. 0 never clips.</source>
        <translation>Gradiente più lungo di un passo, tutti i pesi insieme; quelli più lunghi vengono accorciati. 0 non accorcia mai.</translation>
    </message>
    <message>
        <source>Decay of a moving average of the weights, such as 0.999; validation and model.npz use it. 0 keeps none.</source>
        <translation>Decadimento di una media mobile dei pesi, come 0.999; la usano convalida e model.npz. 0 non ne tiene.</translation>
    </message>
    <message>
        <source>Moves each training image by up to so many pixels each way.</source>
        <translation>Sposta ogni immagine di addestramento fino a tanti pixel in ogni direzione.</translation>
    </message>
    <message>
        <source>Turns each training image by up to so many degrees either way.</source>
        <translation>Ruota ogni immagine di addestramento fino a tanti gradi nei due sensi.</translation>
    </message>
    <message>
        <source>Makes each training image up to this share larger or smaller.</source>
        <translation>Ingrandisce o rimpicciolisce ogni immagine di addestramento fino a questa quota.</translation>
    </message>
    <message>
        <source>Bends each training image smoothly by up to so many pixels.</source>
        <translation>Deforma dolcemente ogni immagine di addestramento fino a tanti pixel.</translation>
    </message>
    <message>
        <source>Reads handwritten digits with two hidden layers of ReLU units (784-100-100-10), trained by momentum SGD on softmax cross entropy. Takes any data set of small images.</source>
        <translation>Legge cifre scritte a mano con due strati nascosti di unità ReLU (784-100-100-10), addestrati con SGD con momento sull&apos;entropia incrociata softmax. Accetta qualsiasi insieme di dati di piccole immagini.</translation>
    </message>
    <message>
        <source>Units of the hidden layers, such as 300,100. One number makes two layers of it.</source>
        <translation>Unità degli strati nascosti, come 300,100. Un solo numero dà due strati uguali.</translation>
    </message>
    <message>
        <source>MNIST digits, convolutional network</source>
        <translation>Cifre MNIST, rete convoluzionale</translation>
    </message>
    <message>
        <source>MNIST digits, convolutional network for teaching</source>
        <translation>Cifre MNIST, rete convoluzionale per la didattica</translation>
    </message>
    <message>
        <source>Two convolutions of 3 × 3 (8 and 16 channels), each with pooling, and one linear layer: small enough to look at every weight. Takes any data set of small images.</source>
        <translation>Due convoluzioni di 3 × 3 (8 e 16 canali), ognuna con pooling, e uno strato lineare: abbastanza piccola da guardare ogni peso. Accetta qualsiasi insieme di dati di piccole immagini.</translation>
    </message>
    <message>
        <source>A network of your own</source>
        <translation>Una rete propria</translation>
    </message>
    <message>
        <source>Trains any network of convolutions, pooling, linear layers, batch norm, dropout and additions that you describe in JSON. Takes any data set of small images.</source>
        <translation>Addestra qualsiasi rete di convoluzioni, pooling, strati lineari, batch norm, dropout e somme, descritta in JSON. Accetta qualsiasi insieme di dati di piccole immagini.</translation>
    </message>
    <message>
        <source>The layers in JSON, from the images to the classes; or the name of a .json file.</source>
        <translation>Gli strati in JSON, dalle immagini alle classi; o il nome di un file .json.</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Addestramento</translation>
    </message>
    <message>
        <source>Optimizer</source>
        <translation>Ottimizzatore</translation>
    </message>
    <message>
        <source>Regularization</source>
        <translation>Regolarizzazione</translation>
    </message>
    <message>
        <source>Augmentation</source>
        <translation>Aumento dei dati</translation>
    </message>
    <message>
        <source>Reads handwritten digits with two convolutions of 5 × 5 (20 and 50 channels), each with pooling, and a hidden layer of 500 units: about 99.3 % of the test digits right. Takes any data set of small images.</source>
        <translation>Legge cifre scritte a mano con due convoluzioni di 5 × 5 (20 e 50 canali), ognuna con pooling, e uno strato nascosto di 500 unità: circa il 99,3 % delle cifre di test giuste. Accetta qualsiasi insieme di dati di piccole immagini.</translation>
    </message>
    <message>
        <source>Most digits right: moved images, averaged weights, 20 epochs</source>
        <translation>Più cifre giuste: immagini mosse, pesi mediati, 20 epoche</translation>
    </message>
</context>
<context>
    <name>bottega::RegisterModelDialog</name>
    <message>
        <source>Register model</source>
        <translation>Registra modello</translation>
    </message>
    <message>
        <source>What it is for, what is special about it</source>
        <translation>A che cosa serve, che cosa ha di speciale</translation>
    </message>
    <message>
        <source>&amp;Name</source>
        <translation>&amp;Nome</translation>
    </message>
    <message>
        <source>&amp;File or folder</source>
        <translation>&amp;File o cartella</translation>
    </message>
    <message>
        <source>&amp;Description</source>
        <translation>&amp;Descrizione</translation>
    </message>
    <message>
        <source>Register</source>
        <translation>Registra</translation>
    </message>
    <message>
        <source>A name is needed.</source>
        <translation>Serve un nome.</translation>
    </message>
    <message>
        <source>Use 1 to 64 letters, digits, &apos;-&apos;, &apos;_&apos; or &apos;.&apos;, starting with a letter or digit.</source>
        <translation>Usa da 1 a 64 lettere, cifre, &apos;-&apos;, &apos;_&apos; o &apos;.&apos;, cominciando con una lettera o una cifra.</translation>
    </message>
    <message>
        <source>A file of the run is needed.</source>
        <translation>Serve un file dell&apos;esecuzione.</translation>
    </message>
    <message>
        <source>The run has no files yet.</source>
        <translation>L&apos;esecuzione non ha ancora file.</translation>
    </message>
    <message>
        <source>The run has no such file; the list shows what it has.</source>
        <translation>L&apos;esecuzione non ha questo file; l&apos;elenco mostra quelli che ha.</translation>
    </message>
    <message>
        <source>A new model: this becomes version 1.</source>
        <translation>Un modello nuovo: questo diventa la versione 1.</translation>
    </message>
    <message>
        <source>This becomes version %1.</source>
        <translation>Questo diventa la versione %1.</translation>
    </message>
    <message>
        <source>A folder is registered with everything in it.</source>
        <translation>Una cartella viene registrata con tutto ciò che contiene.</translation>
    </message>
    <message>
        <source>The description is too long: at most 5,000 characters are kept.</source>
        <translation>La descrizione è troppo lunga: si conservano al massimo 5.000 caratteri.</translation>
    </message>
    <message>
        <source>Registering…</source>
        <translation>Registrazione…</translation>
    </message>
    <message>
        <source>Ta&amp;gs</source>
        <translation>E&amp;tichette</translation>
    </message>
</context>
<context>
    <name>bottega::RunDetails</name>
    <message numerus="yes">
        <source>last %1, best %2 at step %3, %n point(s)</source>
        <translation>
            <numerusform>ultimo %1, migliore %2 al passo %3, %n punto</numerusform>
            <numerusform>ultimo %1, migliore %2 al passo %3, %n punti</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 · %2 · %3</source>
        <comment>state, evidence, time</comment>
        <translation>%1 · %2 · %3</translation>
    </message>
    <message>
        <source>Copy all</source>
        <translation>Copia tutto</translation>
    </message>
    <message>
        <source>Copy these details as text</source>
        <translation>Copia questi dettagli come testo</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Apri la cartella</translation>
    </message>
    <message>
        <source>Show the run&apos;s folder in the file manager</source>
        <translation>Mostra la cartella dell&apos;esecuzione nel gestore di file</translation>
    </message>
    <message>
        <source>Job</source>
        <translation>Lavoro</translation>
    </message>
    <message>
        <source>Run id</source>
        <translation>Id dell&apos;esecuzione</translation>
    </message>
    <message>
        <source>Experiment</source>
        <translation>Esperimento</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Ricetta</translation>
    </message>
    <message>
        <source>Compute target</source>
        <translation>Destinazione di calcolo</translation>
    </message>
    <message>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Longest duration</source>
        <translation>Durata massima</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>nessun limite</translation>
    </message>
    <message>
        <source>Resumed from</source>
        <translation>Ripresa da</translation>
    </message>
    <message>
        <source>Created</source>
        <translation>Creato</translation>
    </message>
    <message>
        <source>Script parameters</source>
        <translation>Parametri dello script</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Dati</translation>
    </message>
    <message>
        <source>Data set</source>
        <translation>Dati</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Immagini</translation>
    </message>
    <message>
        <source>%1 to train, %2 to test</source>
        <translation>%1 per addestrare, %2 per il test</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Attempts</source>
        <translation>Tentativi</translation>
    </message>
    <message>
        <source>Attempt %1</source>
        <translation>Tentativo %1</translation>
    </message>
    <message>
        <source>Metrics</source>
        <translation>Metriche</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>File</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Cartella</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modello</translation>
    </message>
    <message>
        <source>Most memory</source>
        <translation>Memoria massima</translation>
    </message>
    <message>
        <source>Most disk space</source>
        <translation>Spazio su disco massimo</translation>
    </message>
    <message>
        <source>Size on disk</source>
        <translation>Spazio su disco</translation>
    </message>
</context>
<context>
    <name>bottega::RunHeader</name>
    <message>
        <source>Progress</source>
        <translation>Avanzamento</translation>
    </message>
    <message>
        <source>Experiment</source>
        <translation>Esperimento</translation>
    </message>
    <message>
        <source>Recipe</source>
        <translation>Ricetta</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>Dati</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>Inizio</translation>
    </message>
    <message>
        <source>Duration</source>
        <translation>Durata</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modello</translation>
    </message>
    <message>
        <source>Best accuracy</source>
        <translation>Migliore accuratezza</translation>
    </message>
    <message>
        <source>%1 · epoch %2 of %3 · %4 left</source>
        <translation>%1 · epoca %2 di %3 · mancano %4</translation>
    </message>
    <message>
        <source>%1 · %2 left</source>
        <translation>%1 · mancano %2</translation>
    </message>
    <message>
        <source>Waiting for the first point</source>
        <translation>In attesa del primo punto</translation>
    </message>
</context>
<context>
    <name>bottega::RunPage</name>
    <message>
        <source>&amp;Cancel run</source>
        <translation>Annulla ese&amp;cuzione</translation>
    </message>
    <message>
        <source>Stop this run; what it has made is kept</source>
        <translation>Ferma questa esecuzione; ciò che ha prodotto resta</translation>
    </message>
    <message>
        <source>&amp;Register model…</source>
        <translation>&amp;Registra modello…</translation>
    </message>
    <message>
        <source>Keep this run&apos;s model under a name and version</source>
        <translation>Conserva il modello di questa esecuzione con un nome e una versione</translation>
    </message>
    <message>
        <source>&amp;Download…</source>
        <translation>Sc&amp;arica…</translation>
    </message>
    <message>
        <source>Copy this run&apos;s files to a folder of yours</source>
        <translation>Copia i file di questa esecuzione in una tua cartella</translation>
    </message>
    <message>
        <source>C&amp;lone…</source>
        <translation>C&amp;lona…</translation>
    </message>
    <message>
        <source>A new run with the same settings</source>
        <translation>Una nuova esecuzione con le stesse impostazioni</translation>
    </message>
    <message>
        <source>&amp;Open folder</source>
        <translation>Apri &amp;cartella</translation>
    </message>
    <message>
        <source>Show the run&apos;s folder in the file manager</source>
        <translation>Mostra la cartella dell&apos;esecuzione nel gestore di file</translation>
    </message>
    <message>
        <source>Copy run &amp;id</source>
        <translation>Copia &amp;id dell&apos;esecuzione</translation>
    </message>
    <message>
        <source>Put the run&apos;s id on the clipboard</source>
        <translation>Mette l&apos;id dell&apos;esecuzione negli appunti</translation>
    </message>
    <message>
        <source>The run&apos;s id is on the clipboard.</source>
        <translation>L&apos;id dell&apos;esecuzione è negli appunti.</translation>
    </message>
    <message>
        <source>Views of the run</source>
        <translation>Viste dell&apos;esecuzione</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>Grafici</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Log</translation>
    </message>
    <message>
        <source>Artifacts</source>
        <translation>Artefatti</translation>
    </message>
    <message>
        <source>Predictions</source>
        <translation>Predizioni</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Dettagli</translation>
    </message>
    <message>
        <source>%1 (Alt+%2)</source>
        <translation>%1 (Alt+%2)</translation>
    </message>
    <message>
        <source>This run&apos;s folder was deleted or its disk is gone.</source>
        <translation>La cartella di questa esecuzione è stata eliminata, o il suo disco non c&apos;è più.</translation>
    </message>
    <message>
        <source>What had been read stays on screen: %1 points, the log and the details. Nothing more will arrive, and its files can&apos;t be opened.</source>
        <translation>Ciò che era stato letto resta sullo schermo: %1 punti, il log e i dettagli. Non arriverà altro e i suoi file non si possono aprire.</translation>
    </message>
    <message>
        <source>The run was asked to stop.</source>
        <translation>È stato chiesto all&apos;esecuzione di fermarsi.</translation>
    </message>
    <message>
        <source>%1 (%2)</source>
        <comment>tooltip, shortcut</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>run folder gone</source>
        <translation>cartella scomparsa</translation>
    </message>
    <message>
        <source>Re&amp;sume run</source>
        <translation>Rip&amp;rendi esecuzione</translation>
    </message>
    <message>
        <source>Go on with this run from its last checkpoint, as its next attempt</source>
        <translation>Continua questa esecuzione dal suo ultimo checkpoint, come tentativo successivo</translation>
    </message>
    <message>
        <source>The run goes on as its next attempt.</source>
        <translation>L&apos;esecuzione continua come tentativo successivo.</translation>
    </message>
    <message>
        <source>D&amp;elete run</source>
        <translation>&amp;Elimina esecuzione</translation>
    </message>
    <message>
        <source>Move this ended run to the trash</source>
        <translation>Sposta nel cestino questa esecuzione terminata</translation>
    </message>
</context>
<context>
    <name>bottega::RunTexts</name>
    <message>
        <source>Not started</source>
        <comment>run state</comment>
        <translation>Non iniziata</translation>
    </message>
    <message>
        <source>Queued</source>
        <comment>run state</comment>
        <translation>In coda</translation>
    </message>
    <message>
        <source>Preparing</source>
        <comment>run state</comment>
        <translation>In preparazione</translation>
    </message>
    <message>
        <source>Provisioning</source>
        <comment>run state</comment>
        <translation>In allestimento</translation>
    </message>
    <message>
        <source>Starting</source>
        <comment>run state</comment>
        <translation>In avvio</translation>
    </message>
    <message>
        <source>Running</source>
        <comment>run state</comment>
        <translation>In corso</translation>
    </message>
    <message>
        <source>Finalizing</source>
        <comment>run state</comment>
        <translation>In chiusura</translation>
    </message>
    <message>
        <source>Completed</source>
        <comment>run state</comment>
        <translation>Completata</translation>
    </message>
    <message>
        <source>Failed</source>
        <comment>run state</comment>
        <translation>Fallita</translation>
    </message>
    <message>
        <source>Canceling</source>
        <comment>run state</comment>
        <translation>In annullamento</translation>
    </message>
    <message>
        <source>Canceled</source>
        <comment>run state</comment>
        <translation>Annullata</translation>
    </message>
    <message>
        <source>Not responding</source>
        <comment>run state</comment>
        <translation>Non risponde</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <comment>evidence, its age</comment>
        <translation>%1, %2</translation>
    </message>
</context>
<context>
    <name>bottega::RunsModel</name>
    <message numerus="yes">
        <source>%n live</source>
        <comment>runs of an experiment</comment>
        <translation>
            <numerusform>%n in corso</numerusform>
            <numerusform>%n in corso</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n run(s)</source>
        <comment>of an experiment</comment>
        <translation>
            <numerusform>%n esecuzione</numerusform>
            <numerusform>%n esecuzioni</numerusform>
        </translation>
    </message>
    <message>
        <source>%1
%2: %3</source>
        <translation>%1
%2: %3</translation>
    </message>
    <message>
        <source>Best validation accuracy</source>
        <translation>Migliore accuratezza di validazione</translation>
    </message>
    <message>
        <source>Run</source>
        <comment>column</comment>
        <translation>Esecuzione</translation>
    </message>
    <message>
        <source>State</source>
        <comment>column</comment>
        <translation>Stato</translation>
    </message>
    <message>
        <source>Best</source>
        <comment>column: best accuracy</comment>
        <translation>Migliore</translation>
    </message>
    <message>
        <source>Time</source>
        <comment>column: duration</comment>
        <translation>Tempo</translation>
    </message>
</context>
<context>
    <name>bottega::RunsPage</name>
    <message>
        <source>No run is open</source>
        <translation>Nessuna esecuzione aperta</translation>
    </message>
    <message>
        <source>Choose a run on the left to see its curves, log, files and what its model gets wrong.</source>
        <translation>Scegli un&apos;esecuzione a sinistra per vederne curve, log, file e ciò che il suo modello sbaglia.</translation>
    </message>
</context>
<context>
    <name>bottega::RunsPanel</name>
    <message>
        <source>No runs yet</source>
        <translation>Ancora nessuna esecuzione</translation>
    </message>
    <message>
        <source>A run is one training from start to end. Its curves, log and files stay here.</source>
        <translation>Un&apos;esecuzione è un addestramento dall&apos;inizio alla fine. Le sue curve, il log e i file restano qui.</translation>
    </message>
    <message>
        <source>No run matches</source>
        <translation>Nessuna esecuzione corrisponde</translation>
    </message>
    <message>
        <source>The filter looks at names, recipes, data, states and models.</source>
        <translation>Il filtro guarda nomi, ricette, dati, stati e modelli.</translation>
    </message>
    <message>
        <source>Filter runs</source>
        <translation>Filtra le esecuzioni</translation>
    </message>
    <message>
        <source>Words that a run&apos;s name, recipe, data, state or model must contain (Ctrl+F)</source>
        <translation>Parole che il nome, la ricetta, i dati, lo stato o il modello di un&apos;esecuzione devono contenere (Ctrl+F)</translation>
    </message>
    <message>
        <source>New run…</source>
        <translation>Nuova esecuzione…</translation>
    </message>
    <message>
        <source>Experiments and runs</source>
        <translation>Esperimenti ed esecuzioni</translation>
    </message>
</context>
<context>
    <name>bottega::SampleCard</name>
    <message>
        <source>Image %1</source>
        <translation>Immagine %1</translation>
    </message>
    <message>
        <source>True %1 with a probability of %2, predicted %3 with %4</source>
        <translation>Vera %1 con probabilità %2, predetta %3 con %4</translation>
    </message>
    <message>
        <source>No image selected</source>
        <translation>Nessuna immagine scelta</translation>
    </message>
    <message>
        <source>Select an image to see it large.</source>
        <translation>Scegli un&apos;immagine per vederla grande.</translation>
    </message>
    <message>
        <source>Predicted: %1</source>
        <translation>Predetta: %1</translation>
    </message>
    <message>
        <source>True: %1</source>
        <translation>Vera: %1</translation>
    </message>
</context>
<context>
    <name>bottega::SampleStrip</name>
    <message>
        <source>Sample images: %1</source>
        <translation>Immagini di esempio: %1</translation>
    </message>
</context>
<context>
    <name>bottega::SampleTexts</name>
    <message>
        <source>Linear layers</source>
        <translation>Strati lineari</translation>
    </message>
    <message>
        <source>Convolutions and pooling</source>
        <translation>Convoluzioni e pooling</translation>
    </message>
    <message>
        <source>Batch norm and dropout</source>
        <translation>Batch norm e dropout</translation>
    </message>
    <message>
        <source>Residual block</source>
        <translation>Blocco residuo</translation>
    </message>
</context>
<context>
    <name>bottega::Section</name>
    <message>
        <source>Open: press to close this part of the form</source>
        <translation>Aperto: premere per chiudere questa parte del modulo</translation>
    </message>
    <message>
        <source>Closed: press to open this part of the form</source>
        <translation>Chiuso: premere per aprire questa parte del modulo</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Chiudi</translation>
    </message>
    <message>
        <source>Open</source>
        <comment>a part of a form</comment>
        <translation>Apri</translation>
    </message>
</context>
<context>
    <name>bottega::Settings</name>
    <message>
        <source>The settings could not be read and begin anew; the old file was put aside (%1).</source>
        <translation>Le impostazioni non si potevano leggere e ricominciano da capo; il vecchio file è stato messo da parte (%1).</translation>
    </message>
</context>
<context>
    <name>bottega::ShortcutsDialog</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Scorciatoie da tastiera</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>Azione</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Tasti</translation>
    </message>
</context>
<context>
    <name>bottega::StartPage</name>
    <message>
        <source>Train models, watch them learn, see what they get wrong, keep the good ones.</source>
        <translation>Addestra modelli, guardali imparare, vedi che cosa sbagliano, conserva i migliori.</translation>
    </message>
    <message>
        <source>Your first model in a few seconds</source>
        <translation>Il tuo primo modello in pochi secondi</translation>
    </message>
    <message>
        <source>Teaches a small network to read handwritten digits: 10 epochs on MNIST, on this computer. Everything it needs comes with Bottega.</source>
        <translation>Insegna a una piccola rete a leggere le cifre scritte a mano: 10 epoche su MNIST, su questo computer. Tutto il necessario arriva con Bottega.</translation>
    </message>
    <message>
        <source>Start the tutorial&apos;s training and watch it (Ctrl+T)</source>
        <translation>Avvia l&apos;addestramento del tutorial e lo mostra (Ctrl+T)</translation>
    </message>
    <message>
        <source>Make a folder that holds experiments, runs, models and data (Ctrl+Shift+O)</source>
        <translation>Crea una cartella per esperimenti, esecuzioni, modelli e dati (Ctrl+Maiusc+O)</translation>
    </message>
    <message>
        <source>New workspace</source>
        <translation>Nuovo spazio di lavoro</translation>
    </message>
    <message>
        <source>Open a workspace&apos;s folder (Ctrl+O)</source>
        <translation>Apre la cartella di uno spazio di lavoro (Ctrl+O)</translation>
    </message>
    <message>
        <source>Open workspace</source>
        <translation>Apri spazio di lavoro</translation>
    </message>
    <message>
        <source>Recent workspaces</source>
        <translation>Spazi di lavoro recenti</translation>
    </message>
    <message>
        <source>None yet. A workspace is a folder that holds experiments, runs, models and data.</source>
        <translation>Ancora nessuno. Uno spazio di lavoro è una cartella con esperimenti, esecuzioni, modelli e dati.</translation>
    </message>
    <message>
        <source>Workspaces</source>
        <translation>Spazi di lavoro</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Avvio…</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Apri</translation>
    </message>
    <message>
        <source>Remove from this list</source>
        <translation>Togli da questo elenco</translation>
    </message>
    <message>
        <source>Train MNIST now</source>
        <translation>Addestra MNIST adesso</translation>
    </message>
    <message>
        <source>Watch it learn</source>
        <translation>Guardalo imparare</translation>
    </message>
    <message>
        <source>Loss and accuracy move as the training goes, and it goes on when Bottega is closed.</source>
        <translation>Perdita e accuratezza si muovono durante l&apos;addestramento, che prosegue anche quando Bottega è chiuso.</translation>
    </message>
    <message>
        <source>See what it gets wrong</source>
        <translation>Vedi che cosa sbaglia</translation>
    </message>
    <message>
        <source>Every image it reads wrongly, and which digits it takes for which.</source>
        <translation>Ogni immagine letta male, e quali cifre scambia con quali.</translation>
    </message>
    <message>
        <source>Keep the good ones</source>
        <translation>Conserva i migliori</translation>
    </message>
    <message>
        <source>Register a model with its version and history, and take its files with you.</source>
        <translation>Registra un modello con la sua versione e la sua storia, e porta i file con te.</translation>
    </message>
    <message>
        <source>New…</source>
        <translation>Nuovo…</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>Apri…</translation>
    </message>
</context>
<context>
    <name>bottega::StateBadge</name>
    <message>
        <source>State: %1</source>
        <translation>Stato: %1</translation>
    </message>
</context>
<context>
    <name>bottega::TagEditor</name>
    <message>
        <source>New tag</source>
        <translation>Nuova etichetta</translation>
    </message>
    <message>
        <source>Add a tag: key=value</source>
        <translation>Aggiungi un&apos;etichetta: chiave=valore</translation>
    </message>
    <message>
        <source>Remove tag %1</source>
        <translation>Togli l&apos;etichetta %1</translation>
    </message>
</context>
<context>
    <name>bottega::TrashDialog</name>
    <message>
        <source>Trash</source>
        <translation>Cestino</translation>
    </message>
    <message>
        <source>Deleted runs and models</source>
        <translation>Esecuzioni e modelli eliminati</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Nome</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Tipo</translation>
    </message>
    <message>
        <source>Deleted</source>
        <translation>Eliminato</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Dimensione</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Ripristina</translation>
    </message>
    <message>
        <source>Delete permanently…</source>
        <translation>Elimina definitivamente…</translation>
    </message>
    <message>
        <source>Empty trash…</source>
        <translation>Svuota il cestino…</translation>
    </message>
    <message>
        <source>Run</source>
        <translation>Esecuzione</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modello</translation>
    </message>
    <message>
        <source>The trash is empty.</source>
        <translation>Il cestino è vuoto.</translation>
    </message>
    <message numerus="yes">
        <source>%n thing(s); emptying gives back %1.</source>
        <translation>
            <numerusform>%n elemento; svuotando si liberano %1.</numerusform>
            <numerusform>%n elementi; svuotando si liberano %1.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Delete %n thing(s) permanently?</source>
        <translation>
            <numerusform>Eliminare definitivamente %n elemento?</numerusform>
            <numerusform>Eliminare definitivamente %n elementi?</numerusform>
        </translation>
    </message>
    <message>
        <source>This cannot be undone.</source>
        <translation>Non si può annullare.</translation>
    </message>
    <message>
        <source>Delete permanently</source>
        <translation>Elimina definitivamente</translation>
    </message>
    <message>
        <source>Empty the trash?</source>
        <translation>Svuotare il cestino?</translation>
    </message>
    <message>
        <source>Empty trash</source>
        <translation>Svuota il cestino</translation>
    </message>
    <message>
        <source>%1 are free again.</source>
        <translation>%1 sono di nuovo liberi.</translation>
    </message>
</context>
<context>
    <name>bottega::TrustBanner</name>
    <message>
        <source>You did not make this workspace on this computer, so it is for looking only: nothing in it is executed and no other computer is contacted. Trust it only if you know who it is from: then runs can be started and resumed with the settings that stand in it.</source>
        <translation>Questo workspace non è stato creato da te su questo computer e quindi si può solo consultare: non ne viene eseguito nulla e non viene contattato nessun altro computer. Consideralo attendibile solo se sai da chi proviene: a quel punto si potranno avviare e riprendere run con le impostazioni che contiene.</translation>
    </message>
    <message>
        <source>Trust this workspace</source>
        <translation>Considera attendibile</translation>
    </message>
</context>
<context>
    <name>bottega::UndoBar</name>
    <message>
        <source>&amp;Undo delete</source>
        <translation>&amp;Annulla l’eliminazione</translation>
    </message>
    <message>
        <source>%1 is in the trash.</source>
        <translation>%1 è nel cestino.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Annulla</translation>
    </message>
</context>
<context>
    <name>bottega::ViewMenu</name>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Visualizza</translation>
    </message>
    <message>
        <source>&amp;Home</source>
        <translation>&amp;Inizio</translation>
    </message>
    <message>
        <source>&amp;Runs</source>
        <translation>&amp;Esecuzioni</translation>
    </message>
    <message>
        <source>&amp;Models</source>
        <translation>&amp;Modelli</translation>
    </message>
    <message>
        <source>&amp;Data</source>
        <translation>&amp;Dati</translation>
    </message>
    <message>
        <source>&amp;Charts</source>
        <translation>&amp;Grafici</translation>
    </message>
    <message>
        <source>&amp;Log</source>
        <translation>&amp;Log</translation>
    </message>
    <message>
        <source>&amp;Artifacts</source>
        <translation>&amp;Artefatti</translation>
    </message>
    <message>
        <source>&amp;Predictions</source>
        <translation>&amp;Predizioni</translation>
    </message>
    <message>
        <source>D&amp;etails</source>
        <translation>De&amp;ttagli</translation>
    </message>
    <message>
        <source>&amp;Filter runs</source>
        <translation>&amp;Filtra le esecuzioni</translation>
    </message>
    <message>
        <source>F&amp;ull screen</source>
        <translation>Sc&amp;hermo intero</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Tema</translation>
    </message>
    <message>
        <source>As the &amp;desktop</source>
        <translation>Come il &amp;desktop</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <comment>theme</comment>
        <translation>&amp;Chiaro</translation>
    </message>
    <message>
        <source>Da&amp;rk</source>
        <comment>theme</comment>
        <translation>Sc&amp;uro</translation>
    </message>
    <message>
        <source>La&amp;nguage</source>
        <translation>Li&amp;ngua</translation>
    </message>
</context>
</TS>
