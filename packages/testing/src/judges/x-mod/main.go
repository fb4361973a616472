// Judges logs with an implementation that knows nothing of Joinery: golang.org/x/mod/sumdb. It reads requests from standard
// input and writes one answer for each to standard output, both as JSON.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

type request struct {
	// Folder with a checkpoint and its tiles.
	Folder string
	// Text of the verifier key.
	Key         string
	Inclusion   []inclusion
	Consistency []consistency
	// If given, Go signs this text with this key.
	Sign *struct{ Key, Text string }
}

type inclusion struct {
	Index int64
	Leaf  tlog.Hash
	Proof []tlog.Hash
}

type consistency struct {
	First int64
	Root  tlog.Hash
	Proof []tlog.Hash
}

type answer struct {
	// Why the log is refused. Empty if it is whole.
	Refused string `json:"refused"`
	Leaves  int64  `json:"leaves"`
	// For each proof of the request, why it is refused, and the proof that Go makes.
	Inclusion   []judged `json:"inclusion"`
	Consistency []judged `json:"consistency"`
	Note        string   `json:"note"`
}

type judged struct {
	Refused string      `json:"refused"`
	Proof   []tlog.Hash `json:"proof"`
}

func main() {
	var requests []request
	if err := json.NewDecoder(os.Stdin).Decode(&requests); err != nil {
		fail(err)
	}
	answers := make([]answer, len(requests))
	for i, request := range requests {
		if err := judge(request, &answers[i]); err != nil {
			answers[i].Refused = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func judge(request request, answer *answer) error {
	if request.Sign != nil {
		signer, err := note.NewSigner(request.Sign.Key)
		if err != nil {
			return err
		}
		signed, err := note.Sign(&note.Note{Text: request.Sign.Text}, signer)
		answer.Note = string(signed)
		return err
	}
	tree, err := openCheckpoint(request.Folder, request.Key)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, folder(request.Folder))
	for first := int64(0); first < tree.N; first += width {
		count := min(tree.N-first, width)
		if err := compare(request.Folder, reader, first, count); err != nil {
			return err
		}
		answer.Leaves += count
	}
	for _, asked := range request.Inclusion {
		made, err := tlog.ProveRecord(tree.N, asked.Index, reader)
		if err != nil {
			return err
		}
		err = tlog.CheckRecord(asked.Proof, tree.N, tree.Hash, asked.Index, asked.Leaf)
		answer.Inclusion = append(answer.Inclusion, judged{text(err), made})
	}
	for _, asked := range request.Consistency {
		made, err := tlog.ProveTree(tree.N, asked.First, reader)
		if err != nil {
			return err
		}
		err = tlog.CheckTree(asked.Proof, tree.N, tree.Hash, asked.First, asked.Root)
		answer.Consistency = append(answer.Consistency, judged{text(err), made})
	}
	return nil
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func openCheckpoint(folder, key string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("no checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("no root")
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}

// compare hashes the leaves of a bundle, and compares them with the hashes that the tree of the checkpoint has for them.
func compare(folder string, reader tlog.HashReader, first, count int64) error {
	bundle := tlog.Tile{H: height, L: -1, N: first / width, W: int(count)}
	data, err := os.ReadFile(filepath.Join(folder, pathOf(bundle)))
	if err != nil {
		return err
	}
	indexes := make([]int64, count)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for i, hash := range hashes {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return fmt.Errorf("leaf %d is cut", first+int64(i))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		if tlog.RecordHash(data[2:end]) != hash {
			return fmt.Errorf("leaf %d is another one", first+int64(i))
		}
		data = data[end:]
	}
	if !bytes.Equal(data, nil) {
		return fmt.Errorf("more than %d leaves", count)
	}
	return nil
}

// folder reads tiles for tlog.TileHashReader, which compares them with the root.
type folder string

func (f folder) Height() int { return height }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if data[i], err = os.ReadFile(filepath.Join(string(f), pathOf(tile))); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// pathOf has no height, and another word for the leaves, than the paths of Go's own log.
func pathOf(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}
