// Makes an event of each piece of generated music. Put this file into the "Scripts" folder beside
// your .fspro, reload the scripts (Scripts > Reload), and choose Scripts > Import generated music.
// Events that exist are left as they are. ECMAScript 5, which FMOD Studio's older engine runs.
(function (music) {
    "use strict";

    function childFolder(parent, name) {
        var found = parent.getItem(name);
        if (found) { return found; }
        var folder = studio.project.create("EventFolder");
        folder.name = name;
        folder.folder = parent;
        return folder;
    }

    function bankOf(name) {
        var found = studio.project.lookup("bank:/" + name);
        if (found) { return found; }
        var bank = studio.project.create("Bank");
        bank.name = name;
        bank.folder = studio.project.workspace.masterBankFolder;
        return bank;
    }

    function imported(root, paths) {
        return paths.map(function (path) {
            var asset = studio.project.importAudioFile(root + "/" + path);
            if (!asset) { throw new Error("can't import " + root + "/" + path); }
            return asset;
        });
    }

    function addInstrument(event, track, name, assets, length) {
        var kind = assets.length > 1 ? "MultiSound" : "SingleSound";
        var instrument = track.addSound(event.timeline, kind, 0, length);
        instrument.name = name;
        if (assets.length === 1) {
            instrument.audioFile = assets[0];
            return;
        }
        assets.forEach(function (asset) {
            var one = studio.project.create("SingleSound");
            one.audioFile = asset;
            one.owner = instrument;
        });
    }

    function addTempo(event, markerTrack, tempo) {
        var marker = studio.project.create("TempoMarker");
        marker.position = 0;
        marker.tempo = tempo.bpm;
        marker.timeSignatureNumerator = tempo.numerator;
        marker.timeSignatureDenominator = tempo.denominator;
        marker.timeline = event.timeline;
        markerTrack.relationships.markers.add(marker);
    }

    function addMarkers(event, told) {
        if (!told.loop && !told.tempo && !told.markers.length) { return; }
        var track = event.addMarkerTrack();
        if (told.tempo) { addTempo(event, track, told.tempo); }
        if (told.loop) {
            var mode = studio.project.regionLoopMode.Looping;
            track.addRegion(told.loop.at, told.loop.length, "loop", mode);
        }
        told.markers.forEach(function (marker) { track.addNamedMarker(marker.name, marker.at); });
    }

    function addEvent(folder, bank, told, root) {
        // All sound first: an event without it is worse than none.
        var sounds = told.tracks.map(function (track) { return imported(root, track.files); });
        var event = studio.project.create("Event");
        event.name = told.name;
        event.folder = folder;
        told.tracks.forEach(function (track, index) {
            addInstrument(event, event.addGroupTrack(track.name), track.name, sounds[index],
                told.length);
        });
        addMarkers(event, told);
        event.relationships.banks.add(bank);
    }

    function importAll() {
        var question = "Folder that holds the rendered \"stems\" folder:";
        var root = studio.system.getText(question, "");
        if (!root) { return; }
        root = root.replace(/\\/g, "/").replace(/\/+$/, "");
        var parent = childFolder(studio.project.workspace.masterEventFolder, "Music");
        var folder = childFolder(parent, music.folder);
        var bank = bankOf("Music");
        var made = 0, kept = 0, failed = 0;
        music.events.forEach(function (told) {
            if (folder.getItem(told.name)) {
                kept += 1;
                return;
            }
            try {
                addEvent(folder, bank, told, root);
                made += 1;
            } catch (error) {
                failed += 1;
                studio.system.error(told.name + ": " + error.message);
            }
        });
        studio.system.message(made + " events made, " + kept + " were there, " + failed +
            " failed (see the log). Save the project to keep them.");
    }

    studio.menu.addMenuItem({ name: "Import generated music", execute: importAll });
}(GENERATED_MUSIC));
