print("Under construction.")
