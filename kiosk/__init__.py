"""kiosk: the terminal of a paperless meeting.

The map; each line may import from the lines below it, never from those above::

    __main__, cli, bar the commands; the progress bar
    install            systemd units, and what else a service needs on a machine
    doctor             whether all is here that a terminal or a node needs
    demo               all roles on loopback, with sample meetings
    web, node          role 1's face: create_app, pages, api, live (Socket.IO), guard; roles 2, 3
    terminal           role 1 without a web page: jobs, snapshots, schedule
    worker, upstream   the engine process; what the master says
    journey            one download from the first request to the published revision
    publish            files that are whole -> revision
    lane               one connection to one server
    delta, sources     what of a package is to come; what servers say around it
    job                what a worker is told
    discovery          nodes that say where they are; who hears them
    library            objects, manifests, publish, verify, purge
    marks              what readers drew and noted on a meeting's documents
    agenda             the master's document, matched with what the package holds
    search             the text of documents: read, indexed, found
    render             viewers, thumbnails, PDFs of Office files, listings
    part               the partly-here package on disk
    package            what is inside a ZIP
    packing            how a package is laid out, before its bytes are here          (pure)
    names, manifest    names inside an archive; what a revision is
    words, encodings   text out of bytes of any encoding
    remembered, flight servers.json; the record of a download
    store              the order of fsync and rename
    fetch              HTTP to other machines
    answers, meter     what a server's headers mean; one progress
    assets             where templates and static files are; what a page is told
    settings           what can be set: one table
    sharing            rows of that table: what servers of a site do for each other
    setting            one row of that table
    saved, checks      settings.toml; what a setting may be
    sessions, lines    who has entered a PIN; live lines that nobody reads
    secret, logs       how a PIN is kept; how this program logs
    listening, tether  addresses to listen on; a program that ends with who started it
    readiness          what a service says to systemd
    transfer, progress one package's journey: its rules; its snapshot             (pure)
    plan, spans        which bytes are asked for next, by whom; sets of bytes     (pure)
    standings, pool    what was learned of each server; which servers there are   (pure)
    order              natural order of names                                     (pure)
    errors, events     what can go wrong; what can happen
"""

__version__ = "0.1.0"
