// Check a log of ours with golang.org/x/mod/sumdb: its notes, its tree, its proofs and its tiles.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proof struct {
	Old, Index int64
	Path       [][]byte
}

type given struct {
	Vkey, Origin, Note string
	Size               int64
	Root               []byte
	Bodies             [][]byte
	Inclusion          []proof
	Consistency        []proof
	Tiles              map[string][]byte
}

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = m[index]
	}
	return found, nil
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func same(what string, ours, theirs []tlog.Hash) {
	if len(ours) != len(theirs) {
		must(fmt.Errorf("%s: %d hashes, not %d", what, len(ours), len(theirs)))
	}
	for i := range ours {
		if ours[i] != theirs[i] {
			must(fmt.Errorf("%s: hash %d differs", what, i))
		}
	}
}

func hashes(path [][]byte) []tlog.Hash {
	found := make([]tlog.Hash, len(path))
	for i, item := range path {
		copy(found[i][:], item)
	}
	return found
}

func main() {
	var g given
	must(json.NewDecoder(os.Stdin).Decode(&g))

	verifier, err := note.NewVerifier(g.Vkey)
	must(err)
	opened, err := note.Open([]byte(g.Note), note.VerifierList(verifier))
	must(err)
	var root tlog.Hash
	copy(root[:], g.Root)
	if opened.Text != fmt.Sprintf("%s\n%d\n%s\n", g.Origin, g.Size, root) || len(opened.Sigs) != 1 {
		must(fmt.Errorf("the note says %q", opened.Text))
	}

	var stored memory
	roots := make([]tlog.Hash, 0)
	for i, body := range g.Bodies {
		more, err := tlog.StoredHashes(int64(i), body, stored)
		must(err)
		stored = append(stored, more...)
		now, err := tlog.TreeHash(int64(i)+1, stored)
		must(err)
		roots = append(roots, now)
	}
	if roots[g.Size-1] != root {
		must(fmt.Errorf("the tree has another root"))
	}

	for _, p := range g.Inclusion {
		must(tlog.CheckRecord(hashes(p.Path), g.Size, root, p.Index, tlog.RecordHash(g.Bodies[p.Index])))
		theirs, err := tlog.ProveRecord(g.Size, p.Index, stored)
		must(err)
		same("inclusion", hashes(p.Path), theirs)
	}
	for _, p := range g.Consistency {
		must(tlog.CheckTree(hashes(p.Path), g.Size, root, p.Old, roots[p.Old-1]))
		theirs, err := tlog.ProveTree(g.Size, p.Old, stored)
		must(err)
		same("consistency", hashes(p.Path), theirs)
	}
	for path, ours := range g.Tiles {
		tile, err := tlog.ParseTilePath(path)
		must(err)
		theirs, err := tlog.ReadTileData(tile, stored)
		must(err)
		if !bytes.Equal(ours, theirs) {
			must(fmt.Errorf("%s differs", path))
		}
	}
	fmt.Printf("%d %d %d\n", len(g.Inclusion), len(g.Consistency), len(g.Tiles))
}
