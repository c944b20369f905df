scene
