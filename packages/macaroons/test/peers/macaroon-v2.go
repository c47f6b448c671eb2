// Debian's gopkg.in/macaroon.v2: judges the tokens of standard input and mints some of its own, in version 1, 2 and 2 JSON.
package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"

	"gopkg.in/macaroon.v2"
)

type pair struct {
	Token     string `json:"token"`
	Discharge string `json:"discharge"`
}

type question struct {
	KeyHex       string   `json:"keyHex"`
	CaveatKeyHex string   `json:"caveatKeyHex"`
	Met          []string `json:"met"`
	V1           pair     `json:"v1"`
	V2           pair     `json:"v2"`
	V2JSON       pair     `json:"v2-json"`
}

type answer struct {
	Accepts      bool `json:"accepts"`
	AcceptsAlone bool `json:"acceptsAlone"`
	pair
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func read(text string, isJSON bool) *macaroon.Macaroon {
	var m macaroon.Macaroon
	if isJSON {
		must(m.UnmarshalJSON([]byte(text)))
		return &m
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	must(err)
	must(m.UnmarshalBinary(data))
	return &m
}

func write(m *macaroon.Macaroon, isJSON bool) string {
	if isJSON {
		data, err := m.MarshalJSON()
		must(err)
		return string(data)
	}
	data, err := m.MarshalBinary()
	must(err)
	return base64.RawURLEncoding.EncodeToString(data)
}

func main() {
	var asked question
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	key, err := hex.DecodeString(asked.KeyHex)
	must(err)
	caveatKey, err := hex.DecodeString(asked.CaveatKeyHex)
	must(err)
	check := func(caveat string) error {
		for _, met := range asked.Met {
			if met == caveat {
				return nil
			}
		}
		return errors.New("unmet")
	}
	judged := func(given pair, version macaroon.Version, isJSON bool) answer {
		token, discharge := read(given.Token, isJSON), read(given.Discharge, isJSON)
		accepts := token.Verify(key, check, []*macaroon.Macaroon{discharge}) == nil
		alone := token.Verify(key, check, nil) == nil
		root, err := macaroon.New(key, []byte("id"), "here", version)
		must(err)
		must(root.AddFirstPartyCaveat([]byte("a = 1")))
		must(root.AddThirdPartyCaveat(caveatKey, []byte("third"), "there"))
		made, err := macaroon.New(caveatKey, []byte("third"), "there", version)
		must(err)
		must(made.AddFirstPartyCaveat([]byte("b = 2")))
		made.Bind(root.Signature())
		return answer{accepts, alone, pair{write(root, isJSON), write(made, isJSON)}}
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]answer{
		"v1":      judged(asked.V1, macaroon.V1, false),
		"v2":      judged(asked.V2, macaroon.V2, false),
		"v2-json": judged(asked.V2JSON, macaroon.V2, true),
	}))
}
