"""How bytes leave: never who may have them, the face has decided that."""
